// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"

#include <atomic>
#include <cstdint>
#include <string>

namespace cachefiles::cache::store {

/// Where directories go that are in the way or of no use, for the reaper to delete
/// (on-disk-format.md section 8). Any thread.
class Graveyard final {
public:
    /// Borrows both; `directory` is graveyard/.
    Graveyard(int directory, const Clock& clock);

    /// Removes the entry `name` of `from`: a directory is moved here, as %08x%08x (seconds,
    /// counter), anything else is unlinked. 0 if it is gone, else errno.
    [[nodiscard]] int bury(int from, const std::string& name);

private:
    int directory_;
    const Clock& clock_;
    std::atomic<std::uint32_t> counter_ = 0;
};

} // namespace cachefiles::cache::store
