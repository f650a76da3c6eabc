// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace cachefiles::ctl {

/// What the output can show.
struct Style {
    bool colour = false;
    bool utf8 = false;
    unsigned width = 80; ///< columns
    unsigned height = 24;
};

} // namespace cachefiles::ctl
