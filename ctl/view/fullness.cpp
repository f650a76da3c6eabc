// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/view/fullness.hpp"

#include "base/units.hpp"
#include "ctl/text/figures.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cachefiles::ctl {
namespace {

/// What may be used of `total` when so much of it stays free.
Fullness of_space(std::string_view limit, std::uint64_t total, std::uint64_t free,
                  std::uint64_t kept, bool bytes) {
    Fullness result{limit, 1, total - std::min(free, total), total - std::min(kept, total), bytes};
    if (result.most > 0)
        result.fraction = static_cast<double>(result.used) / static_cast<double>(result.most);
    return result;
}

std::uint64_t per_cent(std::uint64_t total, unsigned share) {
    return total / 100 * share;
}

Fullness of_cache(std::string_view limit, std::uint64_t used, std::uint64_t most, bool bytes) {
    return {limit, static_cast<double>(used) / static_cast<double>(most), used, most, bytes};
}

std::optional<double> share(std::uint64_t part, std::uint64_t whole) {
    if (whole == 0)
        return std::nullopt;
    return static_cast<double>(part) / static_cast<double>(whole);
}

} // namespace

std::vector<Fullness> fullness(const CacheValues& cache) {
    const LimitValues& limits = cache.limits;
    std::vector<Fullness> result;
    if (limits.max_size)
        result.push_back(of_cache("max-size", cache.bytes, *limits.max_size, true));
    if (limits.max_files)
        result.push_back(of_cache("max-files", cache.objects, *limits.max_files, false));
    if (cache.space_bytes > 0) {
        if (limits.min_free)
            result.push_back(
                of_space("min-free", cache.space_bytes, cache.free_bytes, *limits.min_free, true));
        result.push_back(of_space("bcull", cache.space_bytes, cache.free_bytes,
                                  per_cent(cache.space_bytes, limits.bcull), true));
    }
    if (cache.space_files > 0)
        result.push_back(of_space("fcull", cache.space_files, cache.free_files,
                                  per_cent(cache.space_files, limits.fcull), false));
    std::ranges::stable_sort(result, std::greater<>(), &Fullness::fraction);
    return result;
}

std::string describe(const Fullness& fullness) {
    if (fullness.bytes)
        return fmt::format("{} of {}", format_bytes(fullness.used), format_bytes(fullness.most));
    return fmt::format("{} of {} files", format_count(fullness.used), format_count(fullness.most));
}

std::optional<double> free_blocks(const CacheValues& cache) {
    return share(cache.free_bytes, cache.space_bytes);
}

std::optional<double> free_files(const CacheValues& cache) {
    return share(cache.free_files, cache.space_files);
}

bool below_stop(const CacheValues& cache) {
    const auto below = [](std::optional<double> free, unsigned stop) {
        return free && *free * 100 < stop;
    };
    return below(free_blocks(cache), cache.limits.bstop) ||
           below(free_files(cache), cache.limits.fstop);
}

} // namespace cachefiles::ctl
