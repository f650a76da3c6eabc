// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>

namespace cachefiles::cache {

/// What /proc/fs/fscache/stats shows of the model (fscache-model.md section 10). Space (NoSpace) is
/// the backend's to count, the read helper (RdHelp) the client's.
struct Counters {
    // Now.
    std::uint64_t cookies = 0;
    std::uint64_t volumes = 0;
    std::uint64_t lru_cookies = 0;
    std::chrono::nanoseconds lru_timer{0}; ///< to the next expiry; 0: none

    // Since the start.
    std::uint64_t volume_collisions = 0; ///< acquisitions that waited longer than 20 s
    std::uint64_t acquires = 0;          ///< with valid arguments
    std::uint64_t acquires_ok = 0;
    std::uint64_t lru_expired = 0;
    std::uint64_t lru_removed = 0; ///< popped, but busy or changed
    std::uint64_t lru_dropped = 0; ///< by relinquishing and withdrawing
    std::uint64_t invalidates = 0;
    std::uint64_t updates = 0;
    std::uint64_t resizes = 0;
    std::uint64_t resizes_skipped = 0;
    std::uint64_t relinquishes = 0;
    std::uint64_t retires = 0;
    std::uint64_t drops = 0; ///< cookies unhashed
    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
};

} // namespace cachefiles::cache
