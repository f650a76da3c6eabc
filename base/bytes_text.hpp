// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace cachefiles {

/// Bytes as text for people and programs: what is not UTF-8, and control characters, as \xHH, the
/// backslash as \\. Different bytes give different texts.
[[nodiscard]] std::string bytes_text(std::string_view bytes);

/// The same, in quotes, as a string of JSON.
[[nodiscard]] std::string json_string(std::string_view bytes);

} // namespace cachefiles
