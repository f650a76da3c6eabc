// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <atomic>
#include <cstdint>

namespace cachefiles::daemon::netfs {

/// What clients did with data, as far as the daemon sees it: they read what is cached without
/// asking anybody, and tell only which objects they have read, now and then. Any thread.
struct Traffic {
    struct Stores {
        std::atomic<std::uint64_t> count{0};
        std::atomic<std::uint64_t> bytes{0};
    };

    std::atomic<std::uint64_t> touches{0}; ///< objects that were read, once for each report of it
    Stores fills;                          ///< what was not there: misses that were stored
    Stores modifications;

    // Writes that were refused, and why.
    std::atomic<std::uint64_t> no_space{0};
    std::atomic<std::uint64_t> present{0};  ///< somebody else has stored it, or does
    std::atomic<std::uint64_t> replaced{0}; ///< the object's file is another one, or is not cached
    std::atomic<std::uint64_t> limited{0};  ///< the client has too many under way

    void refused(int error);
};

} // namespace cachefiles::daemon::netfs
