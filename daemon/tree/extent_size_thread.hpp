// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.hpp"
#include "daemon/tree/cache_tree.hpp"

#include <cstdint>
#include <thread>

namespace cachefiles::daemon {

/// Calls set_extent_size() beside everything else, since the directories of a large cache may have
/// to be read from the disk for it, and logs what came of it. Ends early, and waits for that, when
/// it goes; the next start goes on.
class ExtentSizeThread final {
public:
    /// `tree` and `log` are the caller's, and outlive it.
    ExtentSizeThread(const CacheTree& tree, std::uint64_t bytes, Log& log);

private:
    std::jthread thread_;
};

} // namespace cachefiles::daemon
