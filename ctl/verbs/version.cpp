// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/arguments.hpp"
#include "ctl/context.hpp"
#include "ctl/failure.hpp"
#include "ctl/json.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/verbs.hpp"

#include <fmt/format.h>

namespace cachefiles::ctl {
namespace {

ExitStatus run_version(Context& context, const Arguments&) {
    std::string daemon;
    try {
        daemon = context.service().snapshot().version;
    } catch (const Failure&) { // it does not run: there is a version all the same
    }
    if (context.json())
        context.print(to_line(Json{{"version", CACHEFILESD_VERSION},
                                   {"daemon", daemon.empty() ? Json(nullptr) : Json(daemon)}}));
    else
        context.print(fmt::format("cachefilesctl " CACHEFILESD_VERSION "\n{}\n",
                                  daemon.empty() ? "the daemon does not answer"
                                                 : "cachefilesd " + visible(daemon)));
    return ExitStatus::success;
}

} // namespace

Verb version_verb() {
    return {"version", "", 0, 0, "the versions of this program and of the daemon", {}, run_version};
}

} // namespace cachefiles::ctl
