// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

/// Bytes written as hex digits; spaces and '|' are for the reader.
inline std::string from_hex(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string bytes;
    int high = -1;
    for (const char c : text) {
        const std::size_t digit = digits.find(c);
        if (digit == std::string_view::npos)
            continue;
        const int value = static_cast<int>(digit);
        if (high >= 0)
            bytes += static_cast<char>(high * 16 + value);
        high = high >= 0 ? -1 : value;
    }
    return bytes;
}
