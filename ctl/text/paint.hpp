// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/text/style.hpp"

#include <string>
#include <string_view>

namespace cachefiles::ctl {

enum class Ink { plain, bold, faint, green, yellow, red };

/// The text in that ink, where there are colours.
[[nodiscard]] std::string paint(const Style& style, Ink ink, std::string_view text);

} // namespace cachefiles::ctl
