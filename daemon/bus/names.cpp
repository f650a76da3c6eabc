// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/bus/names.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>

namespace cachefiles::daemon::bus {
namespace {

bool is_plain(unsigned char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

std::uint8_t byte_at(std::string_view text, std::size_t position) {
    return static_cast<std::uint8_t>(text[position]);
}

/// What the first byte of a sequence says; the second one has a range of its own, which excludes
/// overlong forms, surrogates and what is above U+10FFFF.
struct Sequence {
    std::uint8_t first, last;
    std::size_t length;
    std::uint8_t low, high;
};
constexpr std::array sequences{
    Sequence{0x01, 0x7f, 1, 0, 0},       Sequence{0xc2, 0xdf, 2, 0x80, 0xbf},
    Sequence{0xe0, 0xe0, 3, 0xa0, 0xbf}, Sequence{0xe1, 0xec, 3, 0x80, 0xbf},
    Sequence{0xed, 0xed, 3, 0x80, 0x9f}, Sequence{0xee, 0xef, 3, 0x80, 0xbf},
    Sequence{0xf0, 0xf0, 4, 0x90, 0xbf}, Sequence{0xf1, 0xf3, 4, 0x80, 0xbf},
    Sequence{0xf4, 0xf4, 4, 0x80, 0x8f},
};

/// How many bytes at `position` are one character; 0: they are none, or NUL.
std::size_t character(std::string_view text, std::size_t position) {
    const std::uint8_t first = byte_at(text, position);
    for (const Sequence& sequence : sequences) {
        if (first < sequence.first || first > sequence.last)
            continue;
        if (text.size() - position < sequence.length)
            return 0;
        for (std::size_t i = 1; i < sequence.length; ++i) {
            const std::uint8_t low = i == 1 ? sequence.low : 0x80;
            const std::uint8_t high = i == 1 ? sequence.high : 0xbf;
            const std::uint8_t byte = byte_at(text, position + i);
            if (byte < low || byte > high)
                return 0;
        }
        return sequence.length;
    }
    return 0;
}

std::string to_utf8(std::string_view bytes, bool double_backslash) {
    std::string text;
    for (std::size_t i = 0; i < bytes.size();) {
        const std::size_t length = character(bytes, i);
        if (length == 0)
            text += fmt::format("\\x{:02x}", byte_at(bytes, i));
        else
            text += bytes.substr(i, length);
        if (double_backslash && bytes[i] == '\\')
            text += '\\';
        i += length == 0 ? 1 : length;
    }
    return text;
}

std::optional<unsigned> hex_digit(char digit) {
    constexpr std::string_view digits = "0123456789abcdef";
    const char lower = digit >= 'A' && digit <= 'F' ? static_cast<char>(digit - 'A' + 'a') : digit;
    const std::size_t value = digits.find(lower);
    if (value == std::string_view::npos)
        return std::nullopt;
    return static_cast<unsigned>(value);
}

} // namespace

std::string cache_path(std::string_view tag) {
    std::string path = std::string(manager_path) + "/cache/";
    if (tag.empty())
        return path + "_";
    for (const char c : tag) {
        const auto byte = static_cast<unsigned char>(c);
        path += is_plain(byte) ? std::string(1, c) : fmt::format("_{:02x}", byte);
    }
    return path;
}

std::string volume_path(index::VolumeId volume) {
    return fmt::format("{}/volume/{}", manager_path, volume);
}

std::string job_path(admin::JobId job) {
    return fmt::format("{}/job/{}", manager_path, job);
}

std::string utf8(std::string_view text) {
    return to_utf8(text, false);
}

std::string escape(std::string_view bytes) {
    return to_utf8(bytes, true);
}

std::optional<std::string> unescape(std::string_view text) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            bytes += text[i];
            continue;
        }
        const std::string_view rest = text.substr(i + 1);
        if (rest.starts_with('\\')) {
            bytes += '\\';
            i += 1;
            continue;
        }
        if (rest.size() < 3 || rest[0] != 'x')
            return std::nullopt;
        const std::optional<unsigned> high = hex_digit(rest[1]);
        const std::optional<unsigned> low = hex_digit(rest[2]);
        if (!high || !low)
            return std::nullopt;
        bytes += static_cast<char>(*high * 16 + *low);
        i += 3;
    }
    return bytes;
}

} // namespace cachefiles::daemon::bus
