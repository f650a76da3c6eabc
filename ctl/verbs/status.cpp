// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/arguments.hpp"
#include "ctl/context.hpp"
#include "ctl/json.hpp"
#include "ctl/targets.hpp"
#include "ctl/verbs.hpp"
#include "ctl/view/status_json.hpp"
#include "ctl/view/status_view.hpp"

namespace cachefiles::ctl {
namespace {

/// Without the caches that were not chosen, and what belongs to them.
Snapshot narrowed(const Context& context, Snapshot snapshot) {
    if (context.globals().cache.empty())
        return snapshot;
    snapshot.caches = chosen_caches(context, snapshot);
    const std::string path = snapshot.caches.front().path;
    std::erase_if(snapshot.volumes, [&](const VolumeValues& each) { return each.cache != path; });
    std::erase_if(snapshot.jobs, [&](const JobValues& each) { return each.cache != path; });
    return snapshot;
}

ExitStatus run_status(Context& context, const Arguments&) {
    const Snapshot snapshot = narrowed(context, context.service().snapshot());
    context.print(context.json() ? to_line(status_json(snapshot))
                                 : status_view(snapshot, context.style()));
    return ExitStatus::success;
}

} // namespace

Verb status_verb() {
    return {"status", "",        0, 0, "whether all is well, and what to do next (the default)",
            {},       run_status};
}

} // namespace cachefiles::ctl
