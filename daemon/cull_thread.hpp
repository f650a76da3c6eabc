// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.hpp"
#include "cull/evictor.hpp"
#include "daemon/binding.hpp"
#include "daemon/make_room.hpp"
#include "daemon/reap_thread.hpp"
#include "daemon/removals.hpp"
#include "daemon/worker.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace cachefiles::daemon {

/// The thread that has the binding. It looks at it often enough that the driver looks at its free
/// space (nothing else makes it), makes room when that is needed, and brings a dead cache back:
/// close, open, with a growing delay.
class CullThread final {
public:
    struct Parts {
        Binding& binding;
        MakeRoom& room;
        Removals& removals;
        cull::Evictor& evictor;
        index::Index& index;
        ReapThread& reaper;
        const Clock& clock;
        Log& log;
        /// The cache was lost (false, and why), or is online again. In this thread; may be empty.
        std::function<void(bool online, const std::string& why)> changed = {};
    };

    struct Status {
        bool online = false;        ///< bound and alive
        bool removing = false;      ///< what an administrator has asked for
        std::uint64_t released = 0; ///< objects that the binding let go of
        std::uint64_t losses = 0;   ///< how often the cache died
    };

    explicit CullThread(const Parts& parts);

    void start();
    /// Ends the pass under way between two batches. `withdraw`: the binding is closed, too, in the
    /// thread; ended() says when that is done. Does not wait.
    void ask_to_stop(bool withdraw);
    [[nodiscard]] bool ended() const { return ended_; }
    void join() { worker_.stop(); }

    /// From any thread:
    void nudge() { worker_.wake(); }
    /// What an administrator wants removed.
    void submit(std::shared_ptr<RemovalOrder> order);
    /// Objects and volumes that the driver can never use again.
    void evict_unusable(std::vector<index::Object> objects, std::vector<index::VolumeId> volumes);
    [[nodiscard]] Status status() const;
    [[nodiscard]] Progress& progress() { return worker_.progress(); }

private:
    using Time = std::chrono::nanoseconds;

    void turn();
    [[nodiscard]] bool make_room(const Binding::State& state);
    void wait();
    void end();
    [[nodiscard]] Time until_next_look() const;
    void evict_waiting();
    void evict_volumes(const std::vector<index::VolumeId>& volumes);
    void evict_objects(const std::vector<index::Object>& objects);
    void lose();
    void tell(bool online, const std::string& why) const;
    void recover();

    Parts parts_;
    std::atomic<bool> withdraw_{false};
    std::atomic<bool> ended_{false};

    bool removing_ = false; ///< there is more to do at once
    Time last_look_{0};
    Time recovery_delay_{0};
    std::optional<Time> recovered_at_;

    mutable std::mutex mutex_; ///< guards what follows
    std::vector<index::Object> unusable_;
    std::vector<index::VolumeId> unusable_volumes_;
    Status status_;

    Worker worker_; // last: its thread uses all of this
};

} // namespace cachefiles::daemon
