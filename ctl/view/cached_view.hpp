// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/json.hpp"
#include "ctl/local/cached_share.hpp"
#include "ctl/local/tree_sum.hpp"
#include "ctl/text/style.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace cachefiles::ctl {

/// A tree on a cachefiles-mount, and how much of it is in the cache.
struct CachedTree {
    std::string path;
    MountFacts mount;
    TreeSum sum;
    std::uint64_t unreadable = 0; ///< files and directories
    std::uint64_t other_mounts = 0;
};

struct CachedFile {
    std::string path;
    CachedShare share;
};

/// Lines with labels, and a bar.
[[nodiscard]] std::string cached_view(const CachedTree& tree, const Style& style);
[[nodiscard]] Json cached_json(const CachedTree& tree);

/// A table; with headings or without.
[[nodiscard]] std::string cached_files_view(const std::vector<CachedFile>& files, bool headings,
                                            const Style& style);
[[nodiscard]] Json cached_json(const CachedFile& file);

} // namespace cachefiles::ctl
