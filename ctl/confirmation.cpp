// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/confirmation.hpp"

#include "ctl/failure.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <iostream>

namespace cachefiles::ctl {

void confirm(const Context& context, bool yes, const std::string& question) {
    if (yes)
        return;
    const Terminal& terminal = context.terminal();
    if (!terminal.input || !terminal.errors || context.json())
        throw Failure(ExitStatus::usage,
                      "not confirmed: there is no terminal to ask on; give --yes, or --dry-run to "
                      "see what would be removed");
    std::fputs(fmt::format("{} [y/N] ", question).c_str(), stderr);
    std::fflush(stderr);
    std::string answer;
    std::getline(std::cin, answer);
    if (answer != "y" && answer != "Y" && answer != "yes")
        throw Failure(ExitStatus::failure, "not confirmed: nothing was removed");
}

} // namespace cachefiles::ctl
