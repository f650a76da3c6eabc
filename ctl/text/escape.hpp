// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cachefiles::ctl {

/// Bytes as text, as the bus has them in keys: what is not UTF-8 as \xHH, the backslash as \\.
[[nodiscard]] std::string escape_bytes(std::string_view bytes);

/// The bytes again; nothing if the text has a backslash that means nothing.
[[nodiscard]] std::optional<std::string> unescape_bytes(std::string_view text);

/// Text as it may be shown on a terminal: control characters as \xHH.
[[nodiscard]] std::string visible(std::string_view text);

} // namespace cachefiles::ctl
