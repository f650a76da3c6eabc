// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/backend.hpp"
#include "cache/cache_record.hpp"
#include "cache/executor.hpp"
#include "cache/flag_set.hpp"
#include "cache/flags.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace cachefiles::cache {

struct Cookie;

/// A volume, from acquisition to the end of its last cookie (fscache-model.md section 1.2). The id,
/// cache, key and owner never change and may be read by any thread; the rest is the model's, under
/// its lock.
struct Volume : std::enable_shared_from_this<Volume> {
    Volume(std::uint32_t number, CachePtr record, std::string name, std::uint32_t user);

    const std::uint32_t id;
    const CachePtr cache;
    const std::string key; ///< 1 to 255 bytes
    const std::uint32_t hash;
    const std::uint32_t owner; ///< uid; 0: root's

    std::string coherency;
    FlagSet<VolumeFlag> flags;
    std::unique_ptr<BackendVolume> backend; ///< null: not attached (yet, or any more)
    bool pinned = false;                    ///< the artificial access while attached
    bool withdrawing = false;               ///< a withdrawal detaches it: a reference
    bool freeing = false;
    std::int32_t active_cookies = 0; ///< acquired and not relinquished
    std::int32_t cookies = 0;        ///< all there are, each a reference
    std::int32_t accesses = 0;
    std::unordered_map<std::string, Cookie*> hashed; ///< the newest of each key
    /// Of cookies that went while their objects were known to be void and could not be reached.
    std::unordered_set<std::string> stale_keys;

    std::vector<Executor::Job> creation_waiters; ///< lookups; submitted when CREATING ends
    Volume* successor = nullptr;                 ///< the twin that waits for the end of this one
    Executor::Job when_acquired;                 ///< of a twin that waits

    [[nodiscard]] std::int32_t references() const;
};

using VolumePtr = std::shared_ptr<Volume>;

} // namespace cachefiles::cache
