// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/text/style.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace cachefiles::ctl {

/// How many columns the text takes: one for each character, none for what paint() adds. Wide and
/// combining characters, which hardly occur in keys, are not told apart.
[[nodiscard]] std::size_t columns(std::string_view text);

/// The text in at most so many columns; one that is cut ends in "…" (without UTF-8 in "~"). Only
/// for text without colours.
[[nodiscard]] std::string clip(std::string_view text, std::size_t width, const Style& style);

/// The same of a name, whose end tells it from others as its beginning does: cut in between.
[[nodiscard]] std::string clip_name(std::string_view name, std::size_t width, const Style& style);

/// With blanks behind it, or in front of it.
[[nodiscard]] std::string pad_right(std::string_view text, std::size_t width);
[[nodiscard]] std::string pad_left(std::string_view text, std::size_t width);

} // namespace cachefiles::ctl
