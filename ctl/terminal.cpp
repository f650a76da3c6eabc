// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/terminal.hpp"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <clocale>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace cachefiles::ctl {
namespace {

std::string_view environment(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? std::string_view() : value;
}

unsigned positive(std::string_view text, unsigned otherwise) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && value > 0 ? value
                                                                                 : otherwise;
}

} // namespace

Terminal Terminal::look() {
    std::setlocale(LC_CTYPE, "");
    Terminal terminal;
    terminal.input = isatty(STDIN_FILENO) != 0;
    terminal.output = isatty(STDOUT_FILENO) != 0;
    terminal.errors = isatty(STDERR_FILENO) != 0;
    const std::string_view kind = environment("TERM");
    terminal.dumb = kind.empty() || kind == "dumb";
    terminal.wants_colour = terminal.output && !terminal.dumb && environment("NO_COLOR").empty();
    terminal.utf8 = std::strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    return terminal;
}

Style Terminal::style() const {
    Style style;
    style.colour = wants_colour;
    style.utf8 = utf8;
    winsize size{};
    if (output && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        style.width = size.ws_col;
        style.height = size.ws_row > 0 ? size.ws_row : style.height;
    }
    style.width = std::max(positive(environment("COLUMNS"), style.width), 20U);
    style.height = std::max(positive(environment("LINES"), style.height), 4U);
    return style;
}

void Terminal::choose(Colour colour) {
    if (colour != Colour::automatic)
        wants_colour = colour == Colour::always;
}

} // namespace cachefiles::ctl
