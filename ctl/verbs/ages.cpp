// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/arguments.hpp"
#include "ctl/context.hpp"
#include "ctl/failure.hpp"
#include "ctl/targets.hpp"
#include "ctl/verbs.hpp"
#include "ctl/view/ages_view.hpp"

#include <array>

namespace cachefiles::ctl {
namespace {

constexpr std::array ages_options{
    Option{"bounds", "TIME,...", "these ages, ascending, instead of 1h to 1y"},
};

std::vector<Seconds> read_bounds(const std::string& text) {
    std::vector<Seconds> bounds;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        bounds.push_back(read_duration("--bounds", text.substr(at, end - at)));
        if (bounds.back() <= (bounds.size() > 1 ? bounds[bounds.size() - 2] : 0))
            throw Failure(ExitStatus::usage, "--bounds: the ages must ascend, from more than 0");
        at = end + 1;
    }
    return bounds;
}

ExitStatus run_ages(Context& context, const Arguments& arguments) {
    const std::vector<Seconds> bounds =
        read_bounds(arguments.text("bounds").value_or("1h,6h,1d,3d,1w,2w,30d,90d,1y"));
    Service& service = context.service();
    const Snapshot snapshot = service.snapshot();
    const CacheValues& cache = chosen_cache(context, snapshot);
    const AgeTable table(bounds, service.ages(cache.path, bounds));
    context.print(context.json() ? to_line(ages_json(table, cache))
                                 : ages_view(table, cache, context.style()));
    return ExitStatus::success;
}

} // namespace

Verb ages_verb() {
    return {"ages",       "",      0, 0, "how much was used when, and what each limit keeps",
            ages_options, run_ages};
}

} // namespace cachefiles::ctl
