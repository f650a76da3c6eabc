// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/view/capacity.hpp"

#include "base/units.hpp"
#include "ctl/text/figures.hpp"
#include "ctl/view/fullness.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cachefiles::ctl {
namespace {

/// What the cache may hold by that limit; what others have on its file system stays.
std::uint64_t room(const Fullness& limit, std::uint64_t held) {
    const std::uint64_t others = limit.used - std::min(limit.used, held);
    return limit.most - std::min(limit.most, others);
}

} // namespace

std::optional<std::string> too_large(const TreeSum& sum, const CacheValues& cache) {
    for (const Fullness& limit : fullness(cache)) {
        const std::uint64_t most = room(limit, limit.bytes ? cache.bytes : cache.objects);
        if (limit.bytes && sum.bytes > most)
            return fmt::format("the trees have {}, and the cache has room for {} ({})",
                               format_bytes(sum.bytes), format_bytes(most), limit.limit);
        if (!limit.bytes && sum.files > most)
            return fmt::format("the trees have {} files, and the cache has room for {} ({})",
                               format_count(sum.files), format_count(most), limit.limit);
    }
    return std::nullopt;
}

} // namespace cachefiles::ctl
