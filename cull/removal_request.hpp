// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "index/ids.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace cachefiles::cull {

/// What somebody asked to be removed, whether or not room is wanted. All that is named goes: what
/// is old, and as much as makes up the amounts.
struct RemovalRequest {
    std::uint64_t bytes = 0, objects = 0;     ///< at least so much; the least recently used
    std::optional<Seconds> used_before = {};  ///< all that is older, whatever the amounts
    bool everything = false;                  ///< all that is not in use when it begins
    index::VolumeId only = 0;                 ///< from this volume; 0: from any
    std::vector<index::VolumeId> except = {}; ///< from none of these
    bool pinned_too = false;                  ///< also from volumes that have a pin in the index
    Seconds min_age = 0;                      ///< what was used within this time stays
    bool dry_run = false;                     ///< only finds out what would go
};

} // namespace cachefiles::cull
