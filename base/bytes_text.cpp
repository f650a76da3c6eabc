// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/bytes_text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <system_error>

namespace cachefiles {
namespace {

unsigned char byte_at(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

/// How long the UTF-8 sequence at the beginning is, as Unicode's table 3-7 has it; 0 if it is none.
std::size_t sequence_length(std::string_view text) {
    const unsigned char first = byte_at(text, 0);
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    const std::size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (text.size() < length)
        return 0;
    const unsigned char lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const unsigned char highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (byte_at(text, 1) < lowest || byte_at(text, 1) > highest)
        return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if ((byte_at(text, i) & 0xc0) != 0x80)
            return 0;
    }
    return length;
}

bool is_control(unsigned char byte) {
    return byte < 0x20 || byte == 0x7f;
}

/// What \xHH at the beginning stands for.
std::optional<char> parse_escape(std::string_view text) {
    if (!text.starts_with("\\x") || text.size() < 4)
        return std::nullopt;
    const char* const end = text.data() + 4;
    unsigned char byte = 0;
    const auto [stopped, error] = std::from_chars(text.data() + 2, end, byte, 16);
    if (error != std::errc() || stopped != end)
        return std::nullopt;
    return static_cast<char>(byte);
}

} // namespace

std::string bytes_text(std::string_view bytes) {
    std::string text;
    while (!bytes.empty()) {
        const std::size_t length = sequence_length(bytes);
        if (length == 0 || is_control(byte_at(bytes, 0)))
            text += fmt::format("\\x{:02x}", byte_at(bytes, 0));
        else if (bytes.front() == '\\')
            text += "\\\\";
        else
            text += bytes.substr(0, length);
        bytes.remove_prefix(length == 0 ? 1 : length);
    }
    return text;
}

std::optional<std::string> parse_bytes_text(std::string_view text) {
    std::string bytes;
    while (!text.empty()) {
        std::size_t used = 1;
        if (text.front() != '\\') {
            bytes += text.front();
        } else if (text.starts_with("\\\\")) {
            bytes += '\\';
            used = 2;
        } else if (const std::optional<char> byte = parse_escape(text)) {
            bytes += *byte;
            used = 4;
        } else {
            return std::nullopt;
        }
        text.remove_prefix(used);
    }
    return bytes;
}

std::string utf8_text(std::string_view text) {
    std::string result;
    while (true) {
        const std::size_t kept = text.find_first_of("\n\t\\");
        result += bytes_text(text.substr(0, kept));
        if (kept == std::string_view::npos)
            return result;
        result += text[kept];
        text.remove_prefix(kept + 1);
    }
}

std::string json_string(std::string_view bytes) {
    std::string json = "\"";
    for (const char c : bytes_text(bytes)) { // which has no control characters any more
        if (c == '"' || c == '\\')
            json += '\\';
        json += c;
    }
    return json + '"';
}

} // namespace cachefiles
