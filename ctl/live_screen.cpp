// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/live_screen.hpp"

#include <unistd.h>

#include <cstdio>
#include <string>

namespace cachefiles::ctl {
namespace {

void write_out(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

} // namespace

LiveScreen::LiveScreen() {
    keys_ = tcgetattr(STDIN_FILENO, &before_) == 0;
    if (keys_) {
        termios keys = before_;
        keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
        tcsetattr(STDIN_FILENO, TCSANOW, &keys);
    }
    write_out("\x1b[?1049h\x1b[?25l"); // alternate screen, no cursor
}

LiveScreen::~LiveScreen() {
    write_out("\x1b[?25h\x1b[?1049l");
    if (keys_)
        tcsetattr(STDIN_FILENO, TCSANOW, &before_);
}

void LiveScreen::draw(std::string_view text) {
    if (text.ends_with('\n')) // else the last line would scroll
        text.remove_suffix(1);
    std::string frame = "\x1b[H"; // over what is there, so that nothing flickers
    for (const char c : text)
        frame += c == '\n' ? "\x1b[K\r\n" : std::string(1, c);
    write_out(frame + "\x1b[K\x1b[J");
}

} // namespace cachefiles::ctl
