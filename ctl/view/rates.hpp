// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/snapshot.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cachefiles::ctl {

/// How fast something went between two looks.
struct Rate {
    std::string_view what; ///< "culled", "found"
    double per_second = 0;
    bool bytes = false;
};

/// Of one cache, from its statistics; what is not counted is not there. Empty if no time went by,
/// or the daemon began anew in between.
[[nodiscard]] std::vector<Rate> rates(const CacheValues& before, const CacheValues& now,
                                      double seconds);

/// "12.0/s", "3.4 MiB/s"
[[nodiscard]] std::string describe(const Rate& rate);

} // namespace cachefiles::ctl
