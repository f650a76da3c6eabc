// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <atomic>
#include <cstdint>

namespace cachefiles::mount {

/// Counted since the mount; any thread. The attribute cachefiles.mount shows them.
struct Statistics {
    using Count = std::atomic<std::uint64_t>;

    Count opens{0};
    Count passthrough_opens{0}; ///< of those, read by the kernel itself
    Count cached_bytes{0};      ///< answered from the cache
    Count source_bytes{0};      ///< read from the source
    Count stored_bytes{0};      ///< put into the cache
    Count unstored_bytes{0};    ///< read in whole blocks, and not put there
    Count invalidations{0};     ///< files whose content was found to have changed
    Count source_errors{0};
    Count time_outs{0}; ///< requests that did not get an answer from the source in time
};

inline void count(Statistics::Count& counter, std::uint64_t value = 1) {
    counter.fetch_add(value, std::memory_order_relaxed);
}

} // namespace cachefiles::mount
