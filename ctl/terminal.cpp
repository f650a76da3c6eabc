// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/terminal.hpp"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

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

std::string pager() {
    for (const char* const name : {"CACHEFILESCTL_PAGER", "SYSTEMD_PAGER", "PAGER"}) {
        if (const char* const command = std::getenv(name))
            return command;
    }
    return "less";
}

void write_all(std::FILE* file, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), file);
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

void print(std::string_view text, const Terminal& terminal, bool paged) {
    const auto lines = static_cast<unsigned>(std::ranges::count(text, '\n'));
    const std::string command = pager();
    const bool fits = lines < terminal.style().height;
    if (!paged || !terminal.output || terminal.dumb || fits || command.empty() || command == "cat")
        return write_all(stdout, text);
    setenv("LESS", "FRSXMK", 0);
    std::signal(SIGPIPE, SIG_IGN); // the reader may have had enough
    std::signal(SIGINT, SIG_IGN);  // is for the pager
    std::FILE* const pipe = popen(command.c_str(), "w");
    write_all(pipe == nullptr ? stdout : pipe, text);
    if (pipe != nullptr)
        pclose(pipe);
}

} // namespace cachefiles::ctl
