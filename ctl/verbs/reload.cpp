// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/arguments.hpp"
#include "ctl/context.hpp"
#include "ctl/json.hpp"
#include "ctl/verbs.hpp"

namespace cachefiles::ctl {
namespace {

ExitStatus run_reload(Context& context, const Arguments&) {
    context.service().reload();
    if (context.json())
        context.print(to_line(Json{{"reloaded", true}}));
    else
        context.say("The configuration has been read again.\n");
    return ExitStatus::success;
}

} // namespace

Verb reload_verb() {
    return {"reload", "", 0, 0, "read the configuration again, all or nothing", {}, run_reload};
}

} // namespace cachefiles::ctl
