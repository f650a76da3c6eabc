// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <termios.h>

#include <string_view>

namespace cachefiles::ctl {

/// The terminal's alternate screen, with keys as they come and without echo, while it lives.
class LiveScreen final {
public:
    LiveScreen();
    LiveScreen(const LiveScreen&) = delete;
    LiveScreen& operator=(const LiveScreen&) = delete;
    ~LiveScreen();

    /// Lines, in place of those before.
    void draw(std::string_view text);

private:
    termios before_{};
    bool keys_ = false; // stdin is a terminal, and is to be set back
};

} // namespace cachefiles::ctl
