// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cachefiles {

/// Bytes as text for people and programs: what is not UTF-8, and control characters, as \xHH, the
/// backslash as \\. Different bytes give different texts.
[[nodiscard]] std::string bytes_text(std::string_view bytes);

/// The bytes again; nothing for a text that bytes_text() never writes. The digits may be capitals.
[[nodiscard]] std::optional<std::string> parse_bytes_text(std::string_view text);

/// Text for people that has to be UTF-8: newlines, tabs and backslashes stay, the rest is as in
/// bytes_text().
[[nodiscard]] std::string utf8_text(std::string_view text);

/// As bytes_text(), in quotes, as a string of JSON.
[[nodiscard]] std::string json_string(std::string_view bytes);

} // namespace cachefiles
