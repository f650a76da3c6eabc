// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Hexadecimal as the kernel prints it: lower case, no prefix.
namespace cachefiles::protocol {

/// 1 to 16 digits; nothing for any other text.
[[nodiscard]] std::optional<std::uint64_t> parse_hex(std::string_view digits);

/// As parse_hex, with no more digits than T has room for.
template<std::unsigned_integral T>
[[nodiscard]] std::optional<T> parse_hex_as(std::string_view digits) {
    if (digits.size() > 2 * sizeof(T))
        return std::nullopt;
    const std::optional<std::uint64_t> value = parse_hex(digits);
    return value ? std::optional<T>(static_cast<T>(*value)) : std::nullopt;
}

/// Pairs of digits to bytes; nothing for an odd number of digits and for any other character.
[[nodiscard]] std::optional<std::string> parse_hex_bytes(std::string_view digits);

/// Without leading zeros; "0" for 0.
void append_hex(std::string& text, std::uint64_t value);

/// With as many zeros before it as make up so many digits, at least.
void append_hex(std::string& text, std::uint64_t value, std::size_t digits);

/// Two digits for each byte.
void append_hex_bytes(std::string& text, std::string_view bytes);

} // namespace cachefiles::protocol
