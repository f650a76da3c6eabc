// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/admin/administration.hpp"
#include "index/index.hpp"

#include <vector>

namespace cachefiles::daemon::admin {

/// Counts what was last used when, in one walk over the order of culling, in steps that let others
/// use the index in between. What is used meanwhile may be counted twice, or not at all.
class AgeCount final {
public:
    /// `bounds` are ages, ascending; `now` is what they count from.
    AgeCount(index::Index& index, const std::vector<Seconds>& bounds, Seconds now);

    /// False: that was the last one.
    [[nodiscard]] bool step();
    /// For each bound, and for what is older than the last. What is in use is used now.
    [[nodiscard]] std::vector<Age> take() { return std::move(ages_); }

private:
    void count(const index::Object& object);

    index::Index& index_;
    std::vector<Seconds> since_; ///< a time for each bound, descending
    std::vector<Age> ages_;
    std::size_t at_; ///< of ages_: where the last object belonged
    index::RecencyCursor cursor_;
};

} // namespace cachefiles::daemon::admin
