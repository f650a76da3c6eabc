// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/histogram.hpp"
#include "base/log.hpp"
#include "base/rate_limit.hpp"
#include "cull/evictor.hpp"
#include "daemon/kernel/census.hpp"
#include "daemon/kernel/device.hpp"
#include "daemon/tree/cache_tree.hpp"
#include "index/index.hpp"

#include <atomic>
#include <functional>
#include <string>
#include <vector>

namespace cachefiles::daemon {

/// Evicts through the driver's `cull` command: one for an object, one for a whole volume. No
/// `inuse` is ever asked: `cull` answers the same question.
///
/// `cull` acts on the working directory of the calling thread, wherever that is. So the thread
/// gets a working directory of its own (enter_thread), every directory is opened from the cache's
/// root down with nothing that could lead out of it, and without such a directory nothing is sent.
class KernelEvictor final : public cull::Evictor {
public:
    struct Counters {                              // read from any thread
        std::atomic<std::uint64_t> questions{0};   ///< commands sent
        std::atomic<std::uint64_t> stats{0};       ///< files looked at
        std::atomic<std::uint64_t> directories{0}; ///< directories entered
        Histogram times;                           ///< of evicting an object
    };

    struct Parts {
        const CacheTree& tree;
        index::Index& index;
        Census& census;
        const Clock& clock;
        Log& log;
        std::function<void(index::DirectoryId)> changed; ///< something was removed from it
        std::function<bool()> in_step; ///< does the index know every object of every volume?
    };

    explicit KernelEvictor(Parts parts);

    /// Before the first eviction, in the thread that evicts. Errors: SystemError.
    static void enter_thread();

    /// The device, or null while there is none: then everything is `lost`.
    void use(Device* device) { device_ = device; }

    void evict(std::span<const index::Object> victims, std::span<cull::Outcome> outcomes) override;
    [[nodiscard]] cull::Verdict evict_volume(const index::Volume& volume) override;
    [[nodiscard]] std::optional<std::vector<index::ObjectId>> in_use() override;
    [[nodiscard]] std::optional<std::vector<index::VolumeId>> volumes_in_use() override;

    [[nodiscard]] const Counters& counters() const { return counters_; }

private:
    [[nodiscard]] cull::Verdict enter(index::DirectoryId directory);
    [[nodiscard]] cull::Outcome evict_one(const index::Object& victim);
    [[nodiscard]] cull::Verdict send(const std::string& name);
    [[nodiscard]] cull::Verdict understand(int error, const std::string& name);
    void warn(const std::string& text);

    Parts parts_;
    RateLimit warnings_;
    Device* device_ = nullptr;
    std::string command_; ///< kept for its memory
    Counters counters_;
};

} // namespace cachefiles::daemon
