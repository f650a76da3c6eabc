// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/cookie_list.hpp"
#include "protocol/hex.hpp"

#include <algorithm>
#include <cstddef>

namespace cachefiles::protocol {
namespace {

constexpr std::size_t id_digits = 8;
constexpr std::size_t flag_digits = 2;
constexpr std::size_t cache_width = 15; // %-15.15s

/// %*d, after a space.
void append_number(std::string& line, std::int32_t value, std::size_t width) {
    const std::string number = std::to_string(value);
    line += ' ';
    line.append(width - std::min(width, number.size()), ' ');
    line += number;
}

template<class State>
void append_state(std::string& line, State state) {
    line += ' ';
    line += static_cast<char>(state);
}

void append_flags(std::string& line, std::uint64_t flags) {
    line += ' ';
    append_hex(line, flags, flag_digits);
}

std::string_view first_line(std::string_view text) {
    return text.substr(0, text.find('\n'));
}

} // namespace

std::string format_line(const CookieEntry& entry) {
    std::string line;
    append_hex(line, entry.id, id_digits);
    line += ' ';
    append_hex(line, entry.volume, id_digits);
    append_number(line, entry.references, 3);
    append_number(line, entry.users, 3);
    append_number(line, entry.accesses, 3);
    append_state(line, entry.state);
    append_flags(line, entry.flags);
    line += ' ';
    append_hex_bytes(line, entry.key);
    if (!entry.aux.empty()) {
        line += ", ";
        append_hex_bytes(line, entry.aux);
    }
    return line + '\n';
}

std::string format_line(const VolumeEntry& entry) {
    std::string line;
    append_hex(line, entry.id, id_digits);
    append_number(line, entry.references, 5);
    append_number(line, entry.cookies, 5);
    append_number(line, entry.accesses, 3);
    append_flags(line, entry.flags);
    std::string cache(first_line(entry.cache));
    cache.resize(cache_width, ' ');
    line += ' ' + cache + ' ';
    line += first_line(entry.key);
    return line + '\n';
}

std::string format_line(const CacheEntry& entry) {
    std::string line;
    append_hex(line, entry.id, id_digits);
    append_number(line, entry.references, 5);
    append_number(line, entry.volumes, 5);
    append_number(line, entry.objects, 5);
    append_number(line, entry.accesses, 5);
    append_state(line, entry.state);
    line += ' ';
    line += first_line(entry.name);
    return line + '\n';
}

} // namespace cachefiles::protocol
