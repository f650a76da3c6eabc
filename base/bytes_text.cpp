// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/bytes_text.hpp"

#include <fmt/format.h>

#include <cstddef>

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
