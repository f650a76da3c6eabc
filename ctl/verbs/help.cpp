// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/help.hpp"

#include "ctl/arguments.hpp"
#include "ctl/context.hpp"
#include "ctl/failure.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/verbs.hpp"

#include <fmt/format.h>

namespace cachefiles::ctl {
namespace {

ExitStatus run_help(Context& context, const Arguments& arguments) {
    const std::string name = arguments.operand(0);
    if (name.empty()) {
        context.print(help());
        return ExitStatus::success;
    }
    const Verb* const verb = find_verb(name);
    if (verb == nullptr)
        throw Failure(
            ExitStatus::usage,
            fmt::format("help: there is no verb \"{}\"; see cachefilesctl help", visible(name)));
    context.print(help(*verb));
    return ExitStatus::success;
}

} // namespace

Verb help_verb() {
    return {"help", "[VERB]", 0, 1, "what there is to do, or the options of a verb", {}, run_help};
}

} // namespace cachefiles::ctl
