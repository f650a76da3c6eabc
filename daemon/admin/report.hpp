// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "cull/limits.hpp"
#include "cull/space.hpp"
#include "cull/space_watch.hpp"
#include "index/object.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cachefiles::daemon::admin {

enum class CacheState {
    online,
    lost, ///< its owner tries to bring it back
    stopping,
};

struct VolumeReport {
    index::VolumeId id = 0;
    std::string key = {}; ///< any bytes
    index::Totals totals = {};
    Seconds newest_use = 0;
    bool pinned = false;                  ///< by whomever
    bool pinned_by_configuration = false; ///< by a rule of limits: volumes
};

/// A cache as it was a moment ago. Plain values: whoever has one may read it in any thread.
struct CacheReport {
    std::string tag;
    std::string directory;
    CacheState state = CacheState::online;
    bool culling = false; ///< room is wanted
    bool stalled = false; ///< and nothing can be culled
    bool paused = false;
    bool in_step = false; ///< the index knows all that is in the cache
    cull::Reason reason = cull::Reason::none;
    std::uint64_t losses = 0;
    cull::Limits limits; ///< in effect
    index::Totals totals;
    std::optional<Seconds> oldest_use; ///< of the least recently used idle object
    cull::Space space;
    std::vector<VolumeReport> volumes; ///< by id
    /// Counters and gauges by their names in the metrics, without `cachefiles_`.
    std::map<std::string, double> statistics;
};

} // namespace cachefiles::daemon::admin
