// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/local/cached_share.hpp"

#include <cstdint>

namespace cachefiles::ctl {

/// The files of a tree, added up. Every name counts, also of a file that has several.
struct TreeSum {
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
    std::uint64_t cached = 0; ///< bytes
    std::uint64_t whole = 0;  ///< files that are cached to the end; an empty one is
    std::uint64_t part = 0;   ///< files of which some is
    /// Of the files that are not whole: all of their bytes.
    std::uint64_t lacking_bytes = 0;

    void add(const CachedShare& share) {
        ++files;
        bytes += share.size;
        cached += share.cached;
        whole += share.whole() ? 1 : 0;
        part += !share.whole() && share.cached > 0 ? 1 : 0;
        lacking_bytes += share.whole() ? 0 : share.size;
    }
    void add(const TreeSum& other) {
        files += other.files;
        bytes += other.bytes;
        cached += other.cached;
        whole += other.whole;
        part += other.part;
        lacking_bytes += other.lacking_bytes;
    }
    [[nodiscard]] std::uint64_t none() const { return files - whole - part; }
    [[nodiscard]] double fraction() const {
        return bytes == 0 ? 1 : static_cast<double>(cached) / static_cast<double>(bytes);
    }
};

} // namespace cachefiles::ctl
