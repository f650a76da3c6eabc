// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <atomic>
#include <cstdint>

namespace cachefiles::cache::driver {

/// The line "NoSpace" of /proc/fs/fscache/stats: over all caches since the start. Any thread.
struct NoSpace {
    std::atomic<std::uint64_t> writes = 0;  ///< nwr: refused
    std::atomic<std::uint64_t> creates = 0; ///< ncr: refused
    std::atomic<std::uint64_t> culled = 0;  ///< cull: commands that succeeded
};

} // namespace cachefiles::cache::driver
