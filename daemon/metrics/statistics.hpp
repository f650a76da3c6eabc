// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/histogram.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace cachefiles::daemon::metrics {

/// What a backend counts, by the names of the metrics (metric_table.hpp) without `cachefiles_`,
/// with the labels that a sample has of its own behind them: `lookups_total{result="found"}`.
using Statistics = std::map<std::string, double>;
using StatisticsSource = std::function<Statistics()>;

/// The samples that a histogram of that name consists of: _bucket{le="..."}, _sum and _count.
void add_histogram(Statistics& statistics, std::string_view name, const Histogram& histogram);

} // namespace cachefiles::daemon::metrics
