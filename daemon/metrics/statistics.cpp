// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/metrics/statistics.hpp"

#include <fmt/format.h>

namespace cachefiles::daemon::metrics {
namespace {

double seconds(Histogram::Time time) {
    return std::chrono::duration<double>(time).count();
}

} // namespace

void add_histogram(Statistics& statistics, std::string_view name, const Histogram& histogram) {
    const Histogram::Snapshot now = histogram.snapshot();
    for (std::size_t i = 0; i < Histogram::bounds.size(); ++i) {
        statistics[fmt::format("{}_bucket{{le=\"{}\"}}", name, seconds(Histogram::bounds[i]))] =
            static_cast<double>(now.within[i]);
    }
    const auto all = static_cast<double>(now.within.back());
    statistics[fmt::format("{}_bucket{{le=\"+Inf\"}}", name)] = all;
    statistics[fmt::format("{}_count", name)] = all;
    statistics[fmt::format("{}_sum", name)] = seconds(now.sum);
}

} // namespace cachefiles::daemon::metrics
