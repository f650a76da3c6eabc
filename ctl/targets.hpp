// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/context.hpp"
#include "ctl/snapshot.hpp"

#include <string>
#include <vector>

namespace cachefiles::ctl {

/// The caches that a verb is about: that of --cache, or all. Errors: Failure.
[[nodiscard]] std::vector<CacheValues> chosen_caches(const Context& context,
                                                     const Snapshot& snapshot);

/// The one cache that something is to be done with. Errors: Failure, also if there are several and
/// none was chosen.
[[nodiscard]] const CacheValues& chosen_cache(const Context& context, const Snapshot& snapshot);

/// The volume with that key, in that cache. Errors: Failure, which names a similar one.
[[nodiscard]] const VolumeValues& find_volume(const Snapshot& snapshot, const CacheValues& cache,
                                              const std::string& key);

} // namespace cachefiles::ctl
