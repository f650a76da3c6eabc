// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/arguments.hpp"
#include "ctl/context.hpp"
#include "ctl/failure.hpp"
#include "ctl/json.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/verbs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace cachefiles::ctl {
namespace {

using namespace std::string_view_literals;

/// Those that the daemon has. On the bus an error is "err", as in syslog(3).
constexpr std::array log_levels{"err"sv, "warning"sv, "notice"sv, "info"sv, "debug"sv};

ExitStatus run_log_level(Context& context, const Arguments& arguments) {
    std::string level = arguments.operand(0);
    if (level == "error")
        level = "err";
    if (!level.empty()) {
        if (std::ranges::find(log_levels, level) == log_levels.end())
            throw Failure(ExitStatus::usage,
                          fmt::format("log-level: \"{}\" is none of error, warning, notice, info, "
                                      "debug",
                                      visible(level)));
        context.service().set_log_level(level);
    }
    const std::string now = context.service().log_level();
    const std::string shown = now == "err" ? "error" : visible(now);
    if (context.json())
        context.print(to_line(Json{{"log_level", shown}}));
    else if (level.empty())
        context.print(shown + "\n");
    else
        context.say(fmt::format("The daemon logs from {} on, until it ends or reloads.\n", shown));
    return ExitStatus::success;
}

} // namespace

Verb log_level_verb() {
    return {"log-level", "[LEVEL]",    0, 1, "what the daemon logs: show or change it",
            {},          run_log_level};
}

} // namespace cachefiles::ctl
