// SPDX-License-Identifier: GPL-2.0-or-later
// Both directions.
#include "ctl/arguments.hpp"
#include "ctl/context.hpp"
#include "ctl/json.hpp"
#include "ctl/targets.hpp"
#include "ctl/verbs.hpp"

namespace cachefiles::ctl {
namespace {

ExitStatus set_paused(Context& context, bool paused) {
    Service& service = context.service();
    const Snapshot snapshot = service.snapshot();
    const CacheValues& cache = chosen_cache(context, snapshot);
    service.pause(cache.path, paused);
    if (context.json())
        context.print(to_line(Json{{"cache", cache.tag}, {"paused", paused}}));
    else
        context.say(paused ? "Culling is paused, until cachefilesctl resume or the daemon's end.\n"
                           : "Culling goes on.\n");
    return ExitStatus::success;
}

ExitStatus run_pause(Context& context, const Arguments&) {
    return set_paused(context, true);
}

ExitStatus run_resume(Context& context, const Arguments&) {
    return set_paused(context, false);
}

} // namespace

Verb pause_verb() {
    return {"pause", "", 0, 0, "cull nothing until resume", {}, run_pause};
}

Verb resume_verb() {
    return {"resume", "", 0, 0, "cull again", {}, run_resume};
}

} // namespace cachefiles::ctl
