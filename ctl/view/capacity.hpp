// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/local/tree_sum.hpp"
#include "ctl/snapshot.hpp"

#include <optional>
#include <string>

namespace cachefiles::ctl {

/// Why a tree does not fit into a cache, whatever is removed from it: "the trees have 2.0 TiB, and
/// the cache has room for 1.0 TiB (max-size)". Nothing if it fits, or nobody knows.
[[nodiscard]] std::optional<std::string> too_large(const TreeSum& sum, const CacheValues& cache);

} // namespace cachefiles::ctl
