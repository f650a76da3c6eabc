// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "client/cachefiles.h"
#include "tests/campaign/source.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <shared_mutex>

namespace cachefiles::campaign {

/// A file of the source with its cookie, and what a network file system would keep with them.
///
/// Locks, taken in this order:
/// - life. Shared: whoever uses the cookie. Exclusive: another one takes its place.
/// - content. Shared: whoever reads what is cached, or plans. Exclusive: it is modified or resized.
/// - coherency. Shared: whoever relies on the version that the cache knows. Exclusive: it changes.
///
/// Who stores what it has fetched holds `life` only, so that a modification or an invalidation
/// overtakes it (the plan tells the library), and others who store the same meet it.
struct CachedFile {
    explicit CachedFile(const Source& of) : source(of) {}

    const Source& source;
    std::shared_mutex life;
    std::shared_mutex content;
    std::shared_mutex coherency;
    cachefiles_cookie* cookie = nullptr;   ///< under `life`
    bool modifying = false;                ///< in use for modification; under `content`
    std::atomic<std::uint32_t> version{0}; ///< that the source has, and the cache knows
    std::atomic<std::uint32_t> coming{0};  ///< that the source has; later than `version` for as
                                           ///< long as it takes to tell the cache
    std::mutex holds_mutex;
    int holds = 0; ///< uses that go on, as of files that are open; under holds_mutex
};

} // namespace cachefiles::campaign
