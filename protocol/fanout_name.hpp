// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The 256 directories of a volume: "@00" .. "@ff".
namespace cachefiles::protocol {

[[nodiscard]] std::string format_fanout_name(std::uint8_t fanout);

/// Nothing for any other name, also with upper-case digits.
[[nodiscard]] std::optional<std::uint8_t> parse_fanout_name(std::string_view name);

} // namespace cachefiles::protocol
