// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/units.hpp"
#include "ctl/failure.hpp"
#include "ctl/removal.hpp"
#include "ctl/targets.hpp"
#include "ctl/text/figures.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/verbs.hpp"

#include <fmt/format.h>

#include <array>

namespace cachefiles::ctl {
namespace {

constexpr std::array cull_options{
    Option{"bytes", "SIZE", "at least so much"},
    Option{"files", "N", "at least so many"},
    Option{"older-than", "TIME", "all that was not used for so long"},
    Option{"volume", "VOLUME", "from this volume only"},
    Option{"dry-run", "", "remove nothing, say what would be"},
    Option{"yes", "", "do not ask", 'y'},
    Option{"no-wait", "", "do not wait for the end of the job"},
};

std::string cull_question(const CullOrder& order, const CacheValues& cache) {
    std::string what;
    if (order.bytes)
        what += fmt::format("at least {}", format_bytes(*order.bytes));
    if (order.files)
        what += fmt::format("{}at least {} objects", what.empty() ? "" : " and ",
                            format_count(*order.files));
    if (order.older_than)
        what += fmt::format("{}what was not used for {}", what.empty() ? "" : " and ",
                            format_duration(*order.older_than));
    return fmt::format("Remove {}, least recently used first, from {}?", what,
                       visible(order.volume.value_or(cache.tag)));
}

ExitStatus run_cull(Context& context, const Arguments& arguments) {
    CullOrder order;
    order.bytes = arguments.bytes("bytes");
    order.files = arguments.number("files");
    order.older_than = arguments.duration("older-than");
    order.volume = arguments.text("volume");
    order.dry_run = arguments.has("dry-run");
    if (!order.bytes && !order.files && !order.older_than)
        throw Failure(ExitStatus::usage, "cull: how much: give --bytes, --files or --older-than");
    Service& service = context.service();
    const Snapshot snapshot = service.snapshot();
    const CacheValues& cache = chosen_cache(context, snapshot);
    if (order.volume)
        (void)find_volume(snapshot, cache, *order.volume);
    return remove_objects(context, arguments, cull_question(order, cache),
                          [&] { return service.cull(cache.path, order); });
}

} // namespace

Verb cull_verb() {
    return {"cull", "", 0, 0, "remove what was not used for longest", cull_options, run_cull};
}

} // namespace cachefiles::ctl
