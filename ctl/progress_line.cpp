// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/progress_line.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace cachefiles::ctl {

ProgressLine::ProgressLine(const Context& context)
    : shown_(context.terminal().errors && !context.terminal().dumb && !context.json() &&
             !context.globals().quiet) {}

void ProgressLine::draw(std::string_view text) {
    if (!shown_)
        return;
    std::fputs(fmt::format("\r{}\x1b[K", text).c_str(), stderr);
    std::fflush(stderr);
    drawn_ = true;
}

void ProgressLine::wipe() {
    if (!drawn_)
        return;
    std::fputs("\r\x1b[K", stderr);
    std::fflush(stderr);
    drawn_ = false;
}

} // namespace cachefiles::ctl
