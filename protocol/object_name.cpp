// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/object_name.hpp"

#include "protocol/bytes.hpp"
#include "protocol/hash.hpp"
#include "protocol/hex.hpp"

#include <algorithm>

namespace cachefiles::protocol {
namespace {

constexpr std::string_view alphabet =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-";

/// What the driver calls printable: DEL is, the space and the slash are not.
bool is_printable(std::string_view key) {
    return std::all_of(key.begin(), key.end(), [](char c) {
        const unsigned char byte = static_cast<unsigned char>(c);
        return byte > 0x20 && byte < 0x80 && byte != '/';
    });
}

std::size_t hex_digits(std::uint32_t word) {
    return static_cast<std::size_t>(std::bit_width(word) + 3) / 4;
}

/// The length of an 'S' or 'T' name: prefix or comma, and digits, for each word.
template<std::endian order>
std::size_t words_length(std::string_view padded) {
    std::size_t length = 0;
    for (std::size_t offset = 0; offset < padded.size(); offset += 4)
        length += 1 + hex_digits(load<order, std::uint32_t>(padded, offset));
    return length;
}

template<std::endian order>
std::string words_name(char prefix, std::string_view padded) {
    std::string name;
    for (std::size_t offset = 0; offset < padded.size(); offset += 4) {
        name += offset == 0 ? prefix : ',';
        const std::uint32_t word = load<order, std::uint32_t>(padded, offset);
        if (word != 0) // a zero is an empty field
            append_hex(name, word);
    }
    return name;
}

std::uint32_t byte_at(std::string_view bytes, std::size_t offset) {
    return offset < bytes.size() ? static_cast<unsigned char>(bytes[offset]) : 0;
}

std::string base64_name(std::string_view key) {
    const std::size_t missing = (3 - key.size() % 3) % 3;
    std::string name{'E', static_cast<char>('0' + static_cast<char>(missing))};
    for (std::size_t offset = 0; offset < key.size(); offset += 3) {
        std::uint32_t group =
            byte_at(key, offset) | byte_at(key, offset + 1) << 8 | byte_at(key, offset + 2) << 16;
        for (int i = 0; i < 4; ++i, group >>= 6)
            name += alphabet[group & 0x3f];
    }
    return name;
}

/// The name of a key of valid length, however long it gets.
std::string name_of(std::string_view key) {
    if (is_printable(key))
        return "D" + std::string(key);
    std::string padded(key);
    padded.resize((key.size() + 3) / 4 * 4);
    const std::size_t big = words_length<std::endian::big>(padded);
    const std::size_t little = words_length<std::endian::little>(padded);
    const std::size_t base64 = 2 + 4 * ((key.size() + 2) / 3);
    if (std::min(big, little) >= base64)
        return base64_name(key);
    if (big <= little)
        return words_name<std::endian::big>('S', padded);
    return words_name<std::endian::little>('T', padded);
}

/// The words of an 'S' or 'T' name as bytes, whether or not any key encodes to it.
template<std::endian order>
std::optional<std::string> decode_words(std::string_view fields) {
    std::string bytes;
    for (;;) {
        const std::size_t comma = std::min(fields.find(','), fields.size());
        const std::optional<std::uint32_t> word =
            comma == 0 ? 0 : parse_hex_as<std::uint32_t>(fields.substr(0, comma));
        if (!word)
            return std::nullopt;
        append<order>(bytes, *word);
        if (comma == fields.size())
            return bytes;
        fields.remove_prefix(comma + 1);
    }
}

/// The bytes of an 'E' name (digit and groups), whether or not any key encodes to it.
std::optional<std::string> decode_base64(std::string_view text) {
    if (text.size() < 5 || text.size() % 4 != 1 || text[0] < '0' || text[0] > '2')
        return std::nullopt;
    std::string bytes;
    for (std::size_t offset = 1; offset < text.size(); offset += 4) {
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            const std::size_t value = alphabet.find(text[offset + i]);
            if (value == std::string_view::npos)
                return std::nullopt;
            group |= static_cast<std::uint32_t>(value) << (6 * i);
        }
        for (int i = 0; i < 3; ++i, group >>= 8)
            bytes += static_cast<char>(group);
    }
    bytes.resize(bytes.size() - static_cast<std::size_t>(text[0] - '0'));
    return bytes;
}

/// The longest key that the name may stand for, before the check that it encodes to that name.
std::optional<std::string> decode_longest(std::string_view name) {
    if (name.empty() || name.size() > max_file_name)
        return std::nullopt;
    const std::string_view rest = name.substr(1);
    switch (name.front()) {
    case 'D':
        return std::string(rest);
    case 'S':
        return decode_words<std::endian::big>(rest);
    case 'T':
        return decode_words<std::endian::little>(rest);
    case 'E':
        return decode_base64(rest);
    default:
        return std::nullopt;
    }
}

bool encodes_to(std::string_view key, std::string_view name) {
    return !key.empty() && key.size() <= max_cookie_key && name_of(key) == name;
}

} // namespace

std::expected<std::string, CookieKeyRefusal> encode_object_name(std::string_view cookie_key) {
    if (cookie_key.empty())
        return std::unexpected(CookieKeyRefusal::empty);
    if (cookie_key.size() > max_cookie_key)
        return std::unexpected(CookieKeyRefusal::too_long);
    std::string name = name_of(cookie_key);
    if (name.size() > max_file_name)
        return std::unexpected(CookieKeyRefusal::name_too_long);
    return name;
}

std::vector<std::string> decode_object_name(std::string_view name) {
    std::vector<std::string> keys;
    std::optional<std::string> key = decode_longest(name);
    if (!key)
        return keys;
    if (encodes_to(*key, name))
        keys.push_back(*key);
    if (name.front() != 'S' && name.front() != 'T')
        return keys;
    // A shorter key has the same words. How a name is chosen depends on the length, so try each.
    for (int shorter = 0; shorter < 3 && key->back() == '\0'; ++shorter) {
        key->pop_back();
        if (encodes_to(*key, name))
            keys.push_back(*key);
    }
    return keys;
}

bool is_object_name(std::string_view name) {
    return !decode_object_name(name).empty();
}

std::optional<std::uint8_t> object_fanout(std::uint32_t volume_hash, std::string_view name) {
    const std::vector<std::string> keys = decode_object_name(name);
    if (keys.empty())
        return std::nullopt;
    return fanout_of(cookie_hash(volume_hash, keys.front()));
}

} // namespace cachefiles::protocol
