// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/text/style.hpp"

#include <optional>

namespace cachefiles::ctl {

enum class Colour { automatic, always, never };

/// What standard input and output are connected to.
struct Terminal {
    bool input = false;  ///< stdin is a terminal
    bool output = false; ///< stdout is one
    bool errors = false; ///< stderr is one
    bool dumb = false;   ///< $TERM: it cannot move its cursor
    bool wants_colour = false;
    bool utf8 = false; ///< the locale's

    /// Sets the locale of characters, too. The first thing that main() does.
    [[nodiscard]] static Terminal look();
    /// As the terminal is now; 80 by 24 where there is none. $COLUMNS and $LINES count more.
    [[nodiscard]] Style style() const;
    /// --color
    void choose(Colour colour);
};

} // namespace cachefiles::ctl
