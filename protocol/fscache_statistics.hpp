// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cachefiles::protocol {

/// A number in /proc/fs/fscache/stats: in the line "Acquire: n=3 ok=2" the section is "Acquire",
/// the names are "n" and "ok". Linux 6.1 has the file systems' part in several lines that all are
/// called "RdHelp", Linux 6.12 in lines of their own; from 6.8 on it is in /proc/fs/netfs/stats,
/// and the old name still leads there.
struct FscacheStatistic {
    std::string section;
    std::string name;
    std::uint64_t value = 0;

    bool operator==(const FscacheStatistic&) const = default;
};

/// A whole file. Counters have 32 bits, and are taken so even where a kernel prints them with a
/// sign. Words and lines that are not understood are left out.
[[nodiscard]] std::vector<FscacheStatistic> parse_fscache_statistics(std::string_view text);

} // namespace cachefiles::protocol
