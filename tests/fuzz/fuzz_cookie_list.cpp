// SPDX-License-Identifier: GPL-2.0-or-later
// The input is one of the files in /proc/fs/fscache.
#include "protocol/cookie_list.hpp"
#include "tests/fuzz/require.hpp"

#include <cstdio>

using namespace cachefiles::protocol;

namespace {

std::string hex_of(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(c) & 0xffU);
        text += digits;
    }
    return text;
}

// The kernel's formats.

std::string line_of(const CookieEntry& entry) {
    char columns[128];
    std::snprintf(columns, sizeof columns, "%08x %08x %3d %3d %3d %c %02llx ", entry.id,
                  entry.volume, entry.references, entry.users, entry.accesses,
                  static_cast<char>(entry.state), static_cast<unsigned long long>(entry.flags));
    return columns + hex_of(entry.key) + (entry.aux.empty() ? "" : ", " + hex_of(entry.aux)) + "\n";
}

std::string line_of(const VolumeEntry& entry) {
    char columns[128];
    std::snprintf(columns, sizeof columns, "%08x %5d %5d %3d %02llx ", entry.id, entry.references,
                  entry.cookies, entry.accesses, static_cast<unsigned long long>(entry.flags));
    std::string cache = entry.cache; // may hold a NUL here, unlike in the kernel
    cache.resize(15, ' ');
    return columns + cache + " " + entry.key + "\n";
}

std::string line_of(const CacheEntry& entry) {
    char columns[128];
    std::snprintf(columns, sizeof columns, "%08x %5d %5d %5d %5d ", entry.id, entry.references,
                  entry.volumes, entry.objects, entry.accesses);
    return std::string(columns) + static_cast<char>(entry.state) + " " + entry.name + "\n";
}

template<class Entry>
void check(const std::vector<Entry>& entries, std::vector<Entry> (*parse)(std::string_view)) {
    std::string text;
    for (const Entry& entry : entries)
        text += line_of(entry);
    require(parse(text) == entries);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input = as_text(data, size);
    check(parse_cookies(input), parse_cookies);
    check(parse_volumes(input), parse_volumes);
    check(parse_caches(input), parse_caches);
    return 0;
}
