// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/arguments.hpp"
#include "ctl/context.hpp"
#include "ctl/verb.hpp"

namespace cachefiles::ctl {

/// What was asked for.
struct Command {
    Globals globals;
    const Verb* verb = nullptr; ///< never null
    Arguments arguments;
};

/// --help is the verb help, about the verb that was given, if any; --version likewise.
/// Errors: Failure (usage).
[[nodiscard]] Command parse_command_line(int argc, const char* const* argv);

} // namespace cachefiles::ctl
