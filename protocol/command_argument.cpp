// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/command_argument.hpp"

#include "protocol/object_name.hpp"

#include <cerrno>
#include <limits>

namespace cachefiles::protocol {
namespace {

/// The digits at the start of a text.
struct Digits {
    std::uint64_t value = 0; ///< modulo 2^64
    std::size_t count = 0;
    bool overflow = false;
};

/// The value of a digit; 16 or more if it is none.
unsigned digit_value(char c) {
    const char lower = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9')
        return static_cast<unsigned>(c - '0');
    if (lower >= 'a' && lower <= 'f')
        return static_cast<unsigned>(lower - 'a') + 10;
    return 16;
}

Digits read_digits(std::string_view text, unsigned base) {
    Digits digits;
    while (digits.count < text.size()) {
        const unsigned digit = digit_value(text[digits.count]);
        if (digit >= base)
            break;
        if (digits.value > (std::numeric_limits<std::uint64_t>::max() - digit) / base)
            digits.overflow = true;
        digits.value = digits.value * base + digit;
        ++digits.count;
    }
    return digits;
}

/// Finds out the base, and takes a prefix away. "0x" alone is a zero and a letter.
unsigned take_base(std::string_view& text) {
    if (!text.starts_with('0'))
        return 10;
    if (text.size() < 3 || (text[1] | 0x20) != 'x')
        return 8;
    text.remove_prefix(2);
    return 16;
}

/// A whole text that is a number: ERANGE for one beyond 64 bits even if something follows it.
std::expected<std::uint64_t, int> parse_number(std::string_view text) {
    const unsigned base = take_base(text);
    const Digits digits = read_digits(text, base);
    if (digits.overflow)
        return std::unexpected(ERANGE);
    if (digits.count == 0 || digits.count != text.size())
        return std::unexpected(EINVAL);
    return digits.value;
}

std::expected<std::uint64_t, int> parse_unsigned(std::string_view text) {
    return parse_number(text.starts_with('+') ? text.substr(1) : text);
}

std::expected<std::int64_t, int> parse_signed(std::string_view text) {
    constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();
    const bool negative = text.starts_with('-');
    const std::expected<std::uint64_t, int> magnitude =
        negative ? parse_number(text.substr(1)) : parse_unsigned(text);
    if (!magnitude)
        return std::unexpected(magnitude.error());
    if (*magnitude > largest + (negative ? 1 : 0))
        return std::unexpected(ERANGE);
    return static_cast<std::int64_t>(negative ? 0 - *magnitude : *magnitude);
}

} // namespace

std::expected<BindMode, int> parse_bind(std::string_view argument, DriverBuild build) {
    if (argument.empty())
        return BindMode::plain;
    if (argument == "ondemand" && build == DriverBuild::on_demand)
        return BindMode::on_demand;
    return std::unexpected(EINVAL);
}

std::expected<std::uint64_t, int> parse_percent(std::string_view argument) {
    const Digits digits = read_digits(argument, 10);
    if (argument.substr(digits.count) != "%")
        return std::unexpected(EINVAL);
    return digits.value;
}

std::expected<std::uint64_t, int> parse_debug(std::string_view argument) {
    const unsigned base = take_base(argument);
    const Digits digits = read_digits(argument, base);
    if (digits.count != argument.size())
        return std::unexpected(EINVAL);
    return digits.value;
}

std::expected<std::string_view, int> parse_text(std::string_view argument) {
    if (argument.empty())
        return std::unexpected(EINVAL);
    return argument;
}

std::expected<std::string_view, int> parse_victim(std::string_view argument) {
    if (argument.find('/') != std::string_view::npos)
        return std::unexpected(EINVAL);
    if (argument.empty() || argument == "." || argument == ".." || argument.size() > max_file_name)
        return std::unexpected(EIO);
    return argument;
}

std::expected<Copen, int> parse_copen(std::string_view argument) {
    constexpr std::int64_t lowest_errno = -4095;
    const std::size_t comma = argument.find(',');
    if (comma == std::string_view::npos)
        return std::unexpected(EINVAL);
    const std::expected<std::uint64_t, int> id = parse_unsigned(argument.substr(0, comma));
    if (!id)
        return std::unexpected(id.error());
    const std::expected<std::int64_t, int> size = parse_signed(argument.substr(comma + 1));
    if (!size)
        return Copen{*id, std::unexpected(size.error()), size.error()};
    if (*size < lowest_errno)
        return Copen{*id, std::unexpected(EINVAL), EINVAL};
    if (*size < 0)
        return Copen{*id, std::unexpected(static_cast<int>(-*size)), 0};
    return Copen{*id, static_cast<std::uint64_t>(*size), 0};
}

} // namespace cachefiles::protocol
