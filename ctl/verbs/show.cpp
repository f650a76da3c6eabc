// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/arguments.hpp"
#include "ctl/context.hpp"
#include "ctl/object_name.hpp"
#include "ctl/targets.hpp"
#include "ctl/verbs.hpp"
#include "ctl/view/object_view.hpp"

namespace cachefiles::ctl {
namespace {

ExitStatus run_show(Context& context, const Arguments& arguments) {
    const ObjectName name = read_object_name(arguments.operand(0));
    Service& service = context.service();
    const Snapshot snapshot = service.snapshot();
    const CacheValues& cache = chosen_cache(context, snapshot);
    const ObjectDetails details = service.show(cache.path, name.volume, name.name);
    context.print(context.json() ? to_line(object_json(details, cache))
                                 : object_view(details, cache, snapshot.time, context.style()));
    return ExitStatus::success;
}

} // namespace

Verb show_verb() {
    return {"show", "OBJECT", 1, 1, "one object, and which parts of it are there", {}, run_show};
}

} // namespace cachefiles::ctl
