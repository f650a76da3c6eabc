// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace cachefiles::campaign {

/// What a check found, in blocks of a content map. What is lost is no error: the cache holds
/// copies.
struct Tally {
    std::uint64_t compared = 0;
    std::uint64_t wrong = 0;
    std::uint64_t expected = 0;       ///< ought to be there: were stored, and are still good
    std::uint64_t lost_recent = 0;    ///< of those, stored in the last ten seconds
    std::uint64_t lost_settled = 0;   ///< stored earlier
    std::uint64_t lost_modifying = 0; ///< of files that were being modified: dropped on purpose

    /// One line of KEY=VALUE words.
    [[nodiscard]] std::string text() const;
};

} // namespace cachefiles::campaign
