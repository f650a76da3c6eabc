// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "index/ids.hpp"
#include "index/recency_cursor.hpp"

#include <cstddef>
#include <optional>
#include <span>

namespace cachefiles::index {

struct OldestQuery {
    std::size_t limit = 0;
    RecencyCursor after = {};                ///< walk on from here
    std::optional<VolumeId> only = {};       ///< of this volume
    std::span<const VolumeId> except = {};   ///< of none of these
    std::optional<Seconds> used_before = {}; ///< last_use < this
    bool unpinned = false;                   ///< of no volume that has a pin
    bool in_use = false;                     ///< those in use as well, behind all others
    bool names = true;                       ///< false: without names, which cost most of the time
};

} // namespace cachefiles::index
