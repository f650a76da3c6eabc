// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/text/paint.hpp"

#include <fmt/format.h>

namespace cachefiles::ctl {
namespace {

/// ECMA-48, SGR.
std::string_view code(Ink ink) {
    switch (ink) {
    case Ink::plain:
        break;
    case Ink::bold:
        return "1";
    case Ink::faint:
        return "2";
    case Ink::green:
        return "32";
    case Ink::yellow:
        return "33";
    case Ink::red:
        return "1;31";
    }
    return "0";
}

} // namespace

std::string paint(const Style& style, Ink ink, std::string_view text) {
    if (!style.colour || ink == Ink::plain)
        return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", code(ink), text);
}

} // namespace cachefiles::ctl
