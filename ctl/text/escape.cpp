// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/text/escape.hpp"

#include "protocol/hex.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace cachefiles::ctl {
namespace {

unsigned char byte_at(std::string_view text, std::size_t index) {
    return static_cast<unsigned char>(text[index]);
}

/// How many bytes the UTF-8 character at the beginning has; 0 if it is none.
std::size_t utf8_length(std::string_view text) {
    const unsigned char first = byte_at(text, 0);
    if (first < 0x80)
        return 1;
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length)
        return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte_at(text, i) & 0xc0) != 0x80)
            return 0;
    }
    const unsigned char second = byte_at(text, 1);
    const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
    const bool surrogate = first == 0xed && second >= 0xa0;
    const bool too_large = first == 0xf4 && second >= 0x90;
    return overlong || surrogate || too_large ? 0 : length;
}

} // namespace

std::string escape_bytes(std::string_view bytes) {
    std::string text;
    while (!bytes.empty()) {
        const std::size_t length = utf8_length(bytes);
        if (length == 0)
            text += fmt::format("\\x{:02x}", byte_at(bytes, 0));
        else if (bytes.front() == '\\')
            text += "\\\\";
        else
            text += bytes.substr(0, length);
        bytes.remove_prefix(length == 0 ? 1 : length);
    }
    return text;
}

std::optional<std::string> unescape_bytes(std::string_view text) {
    std::string bytes;
    while (!text.empty()) {
        std::size_t used = 1;
        if (text.front() != '\\') {
            bytes += text.front();
        } else if (text.starts_with("\\\\")) {
            bytes += '\\';
            used = 2;
        } else {
            const std::optional<std::uint64_t> value = text.starts_with("\\x") && text.size() >= 4
                                                           ? protocol::parse_hex(text.substr(2, 2))
                                                           : std::nullopt;
            if (!value)
                return std::nullopt;
            bytes += static_cast<char>(*value);
            used = 4;
        }
        text.remove_prefix(used);
    }
    return bytes;
}

std::string visible(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const unsigned char byte = byte_at(text, i);
        // U+0080 to U+009F, which some terminals obey, are c2 80 to c2 9f.
        const bool c1 = byte == 0xc2 && i + 1 < text.size() && byte_at(text, i + 1) < 0xa0;
        if (byte < 0x20 || byte == 0x7f)
            result += fmt::format("\\x{:02x}", byte);
        else if (c1)
            result += fmt::format("\\x{:02x}", byte_at(text, ++i));
        else
            result += text[i];
    }
    return result;
}

} // namespace cachefiles::ctl
