// SPDX-License-Identifier: GPL-2.0-or-later
// Both directions.
#include "ctl/arguments.hpp"
#include "ctl/context.hpp"
#include "ctl/failure.hpp"
#include "ctl/json.hpp"
#include "ctl/targets.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/verbs.hpp"

#include <fmt/format.h>

namespace cachefiles::ctl {
namespace {

ExitStatus set_pins(Context& context, const Arguments& arguments, bool pinned) {
    Service& service = context.service();
    const Snapshot snapshot = service.snapshot();
    const CacheValues& cache = chosen_cache(context, snapshot);
    for (const std::string& key : arguments.operands()) { // all are there, or nothing is done
        const VolumeValues& volume = find_volume(snapshot, cache, key);
        if (!pinned && volume.pinned_by_configuration)
            throw Failure(ExitStatus::failure,
                          fmt::format("unpin {}: the configuration pins it; change volumes in "
                                      "cachefilesd.yaml(5), then cachefilesctl reload",
                                      visible(key)));
    }
    for (const std::string& key : arguments.operands()) {
        service.pin(find_volume(snapshot, cache, key).path, pinned);
        context.say(fmt::format("{} {}.\n", pinned ? "Pinned" : "Unpinned", visible(key)));
    }
    if (context.json())
        context.print(to_line(Json{{"volumes", arguments.operands()}, {"pinned", pinned}}));
    return ExitStatus::success;
}

ExitStatus run_pin(Context& context, const Arguments& arguments) {
    return set_pins(context, arguments, true);
}

ExitStatus run_unpin(Context& context, const Arguments& arguments) {
    return set_pins(context, arguments, false);
}

} // namespace

Verb pin_verb() {
    return {"pin", "VOLUME...", 1, any_number, "keep volumes: they are never culled", {}, run_pin};
}

Verb unpin_verb() {
    return {"unpin", "VOLUME...", 1, any_number, "let volumes be culled again", {}, run_unpin};
}

} // namespace cachefiles::ctl
