// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.hpp"
#include "cull/backoff.hpp"
#include "cull/culler.hpp"
#include "cull/space_watch.hpp"
#include "daemon/kernel/device_owner.hpp"
#include "daemon/kernel/follower.hpp"
#include "daemon/kernel/kernel_evictor.hpp"
#include "daemon/progress.hpp"
#include "daemon/reap_thread.hpp"
#include "daemon/wake.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace cachefiles::daemon {

/// The thread that has the device. It reads the device's state often enough that the driver looks
/// at its free space (nothing else makes it), makes room when that is needed, and brings a dead
/// cache back: close, open, bind, with a growing delay.
class CullThread final {
public:
    struct Parts {
        DeviceOwner& owner;
        const CacheTree& tree;
        index::Index& index;
        KernelEvictor& evictor;
        cull::Culler& culler;
        ReapThread& reaper;
        Follower* follower; ///< null: nobody follows the tree
        const Clock& clock;
        Log& log;
        /// Does the index know the whole cache? Before, nothing can be said to be the oldest.
        std::function<bool()> knows_tree;
    };

    struct Settings {
        cull::Limits limits;
        bool enabled = true;
        std::chrono::seconds interval{10}; ///< between two looks at the free space
    };

    struct Status {
        bool online = false;  ///< the device is bound and alive
        bool culling = false; ///< the driver wants room, or we do
        bool stalled = false; ///< and nothing can be culled
        cull::Reason reason = cull::Reason::none;
        cull::Space space;
        std::uint64_t released = 0; ///< objects that the driver let go of
        std::uint64_t losses = 0;   ///< how often the cache died
    };

    CullThread(const Parts& parts, Settings settings);
    ~CullThread();
    CullThread(const CullThread&) = delete;
    CullThread& operator=(const CullThread&) = delete;

    void start();
    /// Ends the pass under way between two batches. `withdraw`: the device is closed, too, in the
    /// thread; ended() says when that is done. Does not wait.
    void ask_to_stop(bool withdraw);
    [[nodiscard]] bool ended() const { return ended_; }
    void join();

    /// From any thread:
    void change(Settings settings);
    void nudge() { wake_.wake(); }
    /// Objects and volumes that the driver can never use again.
    void evict_unusable(std::vector<index::Object> objects, std::vector<index::VolumeId> volumes);
    [[nodiscard]] Status status() const;
    [[nodiscard]] Progress& progress() { return progress_; }

private:
    using Time = std::chrono::nanoseconds;

    void loop();
    void turn();
    void wait();
    [[nodiscard]] Time until_next_look() const;
    void take_settings();
    void make_room(const protocol::StateLine& state);
    void pass(const cull::Demand& demand, const std::vector<index::Volume>& volumes);
    void evict_waiting();
    void lose();
    void recover();
    [[nodiscard]] bool note(const cull::Demand& demand, const cull::Space& space);

    Parts parts_;
    Settings settings_;
    cull::SpaceWatch watch_;
    cull::Backoff backoff_;
    Wake wake_;
    Progress progress_;
    std::thread thread_;
    std::atomic<bool> stopping_{false};
    std::atomic<bool> withdraw_{false};
    std::atomic<bool> ended_{false};

    Time last_look_{0};
    Time recovery_delay_{0};
    std::optional<Time> recovered_at_;
    bool hurry_ = false;   ///< look again soon: room is being made, or is about to be needed
    bool trouble_ = false; ///< a failure has been logged, and is not over

    mutable std::mutex mutex_; ///< guards what follows
    std::optional<Settings> changed_;
    std::vector<index::Object> unusable_;
    std::vector<index::VolumeId> unusable_volumes_;
    Status status_;
};

} // namespace cachefiles::daemon
