// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/bus/names.hpp"

#include "base/bytes_text.hpp"

#include <fmt/format.h>

#include <cstddef>

namespace cachefiles::daemon::bus {
namespace {

bool is_plain(unsigned char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
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
