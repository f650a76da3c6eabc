// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/histogram.hpp"

#include <atomic>
#include <cstdint>

namespace cachefiles::cache::store {

/// What stores did, one after another in the same cache. Any thread.
struct StoreCounters {
    // Lookups, by what came of them.
    std::atomic<std::uint64_t> found{0};
    std::atomic<std::uint64_t> created{0}; ///< there was none, or it was stale
    std::atomic<std::uint64_t> failed{0};  ///< not cached

    Histogram commit_times; ///< of making a batch of stored data durable
};

} // namespace cachefiles::cache::store
