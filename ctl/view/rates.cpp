// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/view/rates.hpp"

#include "base/units.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>

namespace cachefiles::ctl {
namespace {

struct Counter {
    std::string_view what;
    std::string_view sample; ///< its name in the metrics, or how that begins: their sum
    bool bytes = false;
};

/// What an administrator watches, of either backend.
constexpr std::array watched{
    Counter{"reads", "kernel_reads_total"},
    Counter{"misses", "kernel_misses_total"},
    Counter{"hits", "lookups_total{result=\"found\"}"},
    Counter{"made", "lookups_total{result=\"created\"}"},
    Counter{"stored", "stored_bytes_total", true},
    Counter{"culled", "culled_objects_total"},
    Counter{"freed", "culled_bytes_total", true},
    Counter{"busy", "cull_busy_total"},
};

std::optional<double> sum(const CacheValues& cache, std::string_view sample) {
    std::optional<double> result;
    for (auto each = cache.statistics.lower_bound(std::string(sample));
         each != cache.statistics.end() && each->first.starts_with(sample); ++each) {
        const std::string_view rest = std::string_view(each->first).substr(sample.size());
        if (rest.empty() || rest.front() == '{')
            result = result.value_or(0) + each->second;
    }
    return result;
}

} // namespace

std::vector<Rate> rates(const CacheValues& before, const CacheValues& now, double seconds) {
    std::vector<Rate> result;
    if (!(seconds > 0))
        return result;
    for (const Counter& counter : watched) {
        const std::optional<double> first = sum(before, counter.sample);
        const std::optional<double> last = sum(now, counter.sample);
        if (first && last && *last >= *first)
            result.push_back({counter.what, (*last - *first) / seconds, counter.bytes});
    }
    return result;
}

std::string describe(const Rate& rate) {
    if (rate.bytes)
        return format_bytes(static_cast<std::uint64_t>(rate.per_second)) + "/s";
    return fmt::format("{:.{}f}/s", rate.per_second, rate.per_second < 10 ? 1 : 0);
}

} // namespace cachefiles::ctl
