// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "daemon/admin/report.hpp"

#include <cstddef>
#include <string>

namespace cachefiles::daemon::metrics {

/// What runs; the same for as long as it does.
struct Build {
    std::string version;
    std::string backend;
};

/// So many volumes, the largest, have samples of their own; the others are summed up in one whose
/// label is `volume="(others)"`. Whatever names file systems make up, the time series are bounded.
inline constexpr std::size_t most_volumes = 100;

/// Prometheus text format 0.0.4, without timestamps: every metric of the table that has samples,
/// with its HELP and TYPE. `now`: seconds since the epoch, for ages. Reads nothing but its
/// arguments; any thread.
[[nodiscard]] std::string metrics_text(const admin::CacheReport& report, const Build& build,
                                       Seconds now);

} // namespace cachefiles::daemon::metrics
