// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/tree/cache_tree.hpp"

#include <cstdint>
#include <expected>
#include <functional>

namespace cachefiles::daemon {

/// Has the file system give disk space to files in pieces of so many bytes (the extent size hint of
/// XFS, FS_XFLAG_EXTSZINHERIT): to those made from now on, in each of the cache's directories.
/// Otherwise each write of a network file system may become an extent of its own, and a file of
/// hundreds of thousands of them takes the driver tens of milliseconds of CPU time for each look
/// for data. cache/ itself has the hint last: when it has it, all have, and nothing is looked at.
///
/// How many directories it was given to; errno if the file system refuses, EOPNOTSUPP if it has no
/// such hint. `go_on` is asked between directories: false ends it with ECANCELED. What another
/// process makes meanwhile in cache/ may be left out.
[[nodiscard]] std::expected<std::uint64_t, int>
set_extent_size(const CacheTree& tree, std::uint32_t bytes, const std::function<bool()>& go_on);

} // namespace cachefiles::daemon
