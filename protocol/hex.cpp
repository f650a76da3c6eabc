// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/hex.hpp"

#include <algorithm>
#include <charconv>

namespace cachefiles::protocol {
namespace {

int lower_digit_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

} // namespace

std::optional<std::uint64_t> parse_hex(std::string_view digits) {
    if (digits.empty() || digits.size() > 16)
        return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : digits) {
        const int digit = lower_digit_value(c);
        if (digit < 0)
            return std::nullopt;
        value = value << 4 | static_cast<std::uint64_t>(digit);
    }
    return value;
}

std::optional<std::string> parse_hex_bytes(std::string_view digits) {
    if (digits.size() % 2 != 0)
        return std::nullopt;
    std::string bytes;
    bytes.reserve(digits.size() / 2);
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const int high = lower_digit_value(digits[i]);
        const int low = lower_digit_value(digits[i + 1]);
        if (high < 0 || low < 0)
            return std::nullopt;
        bytes += static_cast<char>(high << 4 | low);
    }
    return bytes;
}

void append_hex(std::string& text, std::uint64_t value) {
    char digits[16];
    const std::to_chars_result result = std::to_chars(digits, digits + sizeof digits, value, 16);
    text.append(digits, result.ptr);
}

void append_hex(std::string& text, std::uint64_t value, std::size_t digits) {
    std::string number;
    append_hex(number, value);
    text.append(digits - std::min(digits, number.size()), '0');
    text += number;
}

void append_hex_bytes(std::string& text, std::string_view bytes) {
    for (const char c : bytes)
        append_hex(text, static_cast<unsigned char>(c), 2);
}

} // namespace cachefiles::protocol
