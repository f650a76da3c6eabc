// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string_view>

namespace cachefiles::daemon::metrics {

enum class MetricType { counter, gauge, histogram };

struct Metric {
    std::string_view name; ///< without `cachefiles_`
    MetricType type = MetricType::gauge;
    std::string_view help; ///< one line, no backslash
};

/// Every metric that there is, in the order in which they are written. cachefiles-metrics(7)
/// describes them; tests/man compares both.
[[nodiscard]] std::span<const Metric> all_metrics();

/// The metric that a sample of that name belongs to (those of a histogram have more behind its
/// name), or nullptr.
[[nodiscard]] const Metric* find_metric(std::string_view sample);

} // namespace cachefiles::daemon::metrics
