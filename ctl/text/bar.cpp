// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/text/bar.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace cachefiles::ctl {
namespace {

std::string repeat(std::string_view text, unsigned count) {
    std::string result;
    for (unsigned i = 0; i < count; ++i)
        result += text;
    return result;
}

unsigned filled(double fraction, unsigned width) {
    if (!(fraction > 0))
        return 0;
    if (fraction >= 1)
        return width;
    const auto cells = static_cast<unsigned>(std::lround(fraction * width));
    return width < 2 ? cells : std::clamp(cells, 1U, width - 1);
}

} // namespace

std::string bar(double fraction, unsigned width, const Style& style) {
    const unsigned room = width > 2 ? width - 2 : 0;
    const unsigned full = filled(fraction, room);
    return "[" + repeat(style.utf8 ? "█" : "#", full) +
           repeat(style.utf8 ? "░" : "-", room - full) + "]";
}

std::string stripe(double fraction, unsigned width, const Style& style) {
    const auto cells = static_cast<unsigned>(std::lround(std::clamp(fraction, 0.0, 1.0) * width));
    const bool shows = fraction > 0;
    return repeat(style.utf8 ? "█" : "#", shows ? std::max(cells, 1U) : 0);
}

} // namespace cachefiles::ctl
