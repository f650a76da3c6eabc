// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/metrics/sample_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>

namespace cachefiles::daemon::metrics {
namespace {

constexpr double last = std::numeric_limits<double>::max();

std::string_view to_string(MetricType type) {
    switch (type) {
    case MetricType::counter:
        return "counter";
    case MetricType::gauge:
        return "gauge";
    case MetricType::histogram:
        break;
    }
    return "histogram";
}

/// Numbers of things without an exponent; the rest as short as it can be read back.
std::string format_value(double value) {
    constexpr double exact = 9'007'199'254'740'992; // 2^53
    if (std::isnan(value))
        return "NaN";
    if (std::isinf(value))
        return value < 0 ? "-Inf" : "+Inf";
    if (std::trunc(value) == value && std::abs(value) <= exact)
        return fmt::to_string(static_cast<std::int64_t>(value));
    return fmt::to_string(value);
}

/// Where a sample stands in its histogram: buckets by their bound, then the sum and the count.
double bound_of(std::string_view name, std::string_view labels) {
    constexpr std::string_view le = "le=\"";
    if (!name.ends_with("_bucket") || !labels.starts_with(le))
        return last;
    labels.remove_prefix(le.size());
    if (labels.starts_with("+Inf"))
        return last / 2;
    return std::strtod(std::string(labels).c_str(), nullptr);
}

} // namespace

std::string escape_label(std::string_view value) {
    std::string text;
    for (const char c : value) {
        if (c == '\n')
            text += "\\n";
        else if (c == '"' || c == '\\')
            text += {'\\', c};
        else
            text += c;
    }
    return text;
}

SampleSet::SampleSet(std::string_view cache)
    : cache_(fmt::format("cache=\"{}\"", escape_label(cache))) {}

void SampleSet::add(std::string_view name, double value, Labels labels) {
    std::string text;
    for (const auto& [label, its_value] : labels)
        text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : ",", label, escape_label(its_value));
    put(name, std::move(text), value);
}

void SampleSet::add_statistic(std::string_view key, double value) {
    const std::size_t brace = std::min(key.find('{'), key.size());
    std::string_view labels = key.substr(brace);
    if (labels.starts_with('{') && labels.ends_with('}'))
        labels = labels.substr(1, labels.size() - 2);
    put(key.substr(0, brace), std::string(labels), value);
}

void SampleSet::put(std::string_view name, std::string labels, double value) {
    const Metric* const metric = find_metric(name);
    if (metric == nullptr)
        return;
    const double bound = metric->type == MetricType::histogram ? bound_of(name, labels) : last;
    std::vector<Sample>& samples = samples_[metric];
    samples.push_back({std::string(name), std::move(labels), value, bound});
}

std::string SampleSet::text() const {
    std::string text;
    for (const Metric& metric : all_metrics()) {
        const auto found = samples_.find(&metric);
        if (found == samples_.end())
            continue;
        text += fmt::format("# HELP cachefiles_{0} {1}\n# TYPE cachefiles_{0} {2}\n", metric.name,
                            metric.help, to_string(metric.type));
        std::vector<Sample> samples = found->second;
        std::ranges::stable_sort(samples, {}, &Sample::bound);
        for (const Sample& sample : samples) {
            text += fmt::format("cachefiles_{}{{{}{}{}}} {}\n", sample.name, cache_,
                                sample.labels.empty() ? "" : ",", sample.labels,
                                format_value(sample.value));
        }
    }
    return text;
}

} // namespace cachefiles::daemon::metrics
