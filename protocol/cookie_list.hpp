// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The lists under /proc/fs/fscache (Linux 5.17 and later; the same up to 6.12). Header lines, and
/// lines that are not understood, are no entries.
namespace cachefiles::protocol {

enum class CookieState : char {
    quiescent = '-', ///< nothing in the cache is attached
    looking_up = 'L',
    creating = 'C',
    active = 'A', ///< its object is in use
    invalidating = 'I',
    failed = 'F',
    discarding = 'U', ///< being closed after some idle seconds
    withdrawing = 'W',
    relinquishing = 'R',
    dropped = 'D',
}; // a newer kernel may have others: any printable one is kept

enum class CacheState : char {
    absent = '-',
    preparing = 'P',
    active = 'A',
    io_error = 'E', ///< dead until the device is closed and bound anew
    withdrawn = 'W',
};

/// A line of /proc/fs/fscache/cookies.
struct CookieEntry {
    std::uint32_t id = 0;
    std::uint32_t volume = 0; ///< VolumeEntry::id
    std::int32_t references = 0;
    std::int32_t users = 0;
    std::int32_t accesses = 0;
    CookieState state{};
    std::uint64_t flags = 0;
    std::string key;
    std::string aux;

    bool operator==(const CookieEntry&) const = default;
};

/// A line of /proc/fs/fscache/volumes.
struct VolumeEntry {
    std::uint32_t id = 0;
    std::int32_t references = 0;
    std::int32_t cookies = 0;
    std::int32_t accesses = 0;
    std::uint64_t flags = 0;
    std::string cache; ///< the first 15 bytes, without trailing spaces
    std::string key;   ///< raw: one with a newline is cut there

    bool operator==(const VolumeEntry&) const = default;
};

/// A line of /proc/fs/fscache/caches.
struct CacheEntry {
    std::uint32_t id = 0;
    std::int32_t references = 0;
    std::int32_t volumes = 0;
    std::int32_t objects = 0;
    std::int32_t accesses = 0;
    CacheState state{};
    std::string name; ///< "-" if it has none

    bool operator==(const CacheEntry&) const = default;
};

/// One line, with or without its newline.
[[nodiscard]] std::optional<CookieEntry> parse_cookie_line(std::string_view line);
[[nodiscard]] std::optional<VolumeEntry> parse_volume_line(std::string_view line);
[[nodiscard]] std::optional<CacheEntry> parse_cache_line(std::string_view line);

/// A whole file, or any number of whole lines of one.
[[nodiscard]] std::vector<CookieEntry> parse_cookies(std::string_view text);
[[nodiscard]] std::vector<VolumeEntry> parse_volumes(std::string_view text);
[[nodiscard]] std::vector<CacheEntry> parse_caches(std::string_view text);

/// What stands above the entries, two lines each.
inline constexpr std::string_view cookies_header =
    "COOKIE   VOLUME   REF ACT ACC S FL DEF\n"
    "======== ======== === === === = == ================\n";
inline constexpr std::string_view volumes_header =
    "VOLUME   REF   nCOOK ACC FL CACHE           KEY\n"
    "======== ===== ===== === == =============== ================\n";
inline constexpr std::string_view caches_header =
    "CACHE    REF   VOLS  OBJS  ACCES S NAME\n"
    "======== ===== ===== ===== ===== = ===============\n";

/// One line with its newline, as the kernel prints it: a volume's cache is cut to 15 bytes. One
/// line for any entry: a volume's key, or a cache's name, with a newline is cut there.
[[nodiscard]] std::string format_line(const CookieEntry& entry);
[[nodiscard]] std::string format_line(const VolumeEntry& entry);
[[nodiscard]] std::string format_line(const CacheEntry& entry);

} // namespace cachefiles::protocol
