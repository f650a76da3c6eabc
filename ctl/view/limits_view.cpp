// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/view/limits_view.hpp"

#include "base/units.hpp"
#include "ctl/text/bar.hpp"
#include "ctl/text/figures.hpp"
#include "ctl/text/table.hpp"
#include "ctl/view/fullness.hpp"

#include <fmt/format.h>

namespace cachefiles::ctl {
namespace {

constexpr unsigned gauge_width = 22;

/// The bar and the figures of the limit of that name, if it has any.
std::string gauge(const std::vector<Fullness>& limits, std::string_view name, const Style& style) {
    for (const Fullness& each : limits) {
        if (each.limit == name)
            return fmt::format("{} {:>4}  {}", bar(each.fraction, gauge_width, style),
                               format_share(each.fraction), describe(each));
    }
    return {};
}

} // namespace

std::string limits_view(const CacheValues& cache, const Style& style) {
    using enum Table::Align;
    const LimitValues& limits = cache.limits;
    const std::vector<Fullness> full = fullness(cache);
    Table table({{"LIMIT", left}, {"VALUE", right}, {"USED", left}});
    const auto add = [&](const std::string& name, const std::string& value) {
        table.add({name, value, gauge(full, name, style)});
    };
    add("max-size", limits.max_size ? format_bytes(*limits.max_size) : "none");
    add("max-files", limits.max_files ? format_count(*limits.max_files) : "none");
    add("min-free", limits.min_free ? format_bytes(*limits.min_free) : "none");
    add("max-age", limits.max_age ? format_duration(*limits.max_age) : "none");
    add("min-age", limits.min_age > 0 ? format_duration(limits.min_age) : "none");
    add("brun", fmt::format("{}%", limits.brun));
    add("bcull", fmt::format("{}%", limits.bcull));
    add("bstop", fmt::format("{}%", limits.bstop));
    add("frun", fmt::format("{}%", limits.frun));
    add("fcull", fmt::format("{}%", limits.fcull));
    add("fstop", fmt::format("{}%", limits.fstop));
    return table.text(style);
}

} // namespace cachefiles::ctl
