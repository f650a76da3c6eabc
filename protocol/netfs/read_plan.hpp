// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <functional>

namespace cachefiles::protocol::netfs {

/// Where the data of a range comes from (fscache-model.md section 5.2; the numbers are the
/// kernel's).
enum class ReadSource : std::uint8_t {
    zero = 0,           ///< beyond the end: zeros
    download = 1,       ///< from the source; storing it is of no use
    cache = 2,          ///< read it from the file
    download_store = 4, ///< from the source, and into the cache: whole blocks
};

/// What to do with the first part of a range; what is left of it is asked for again.
struct ReadPlan {
    ReadSource source{};
    std::uint64_t start = 0;  ///< download_store: rounded down to a block
    std::uint64_t length = 0; ///< download_store: up to a block's end, or the object's

    bool operator==(const ReadPlan&) const = default;
};

/// `next(from, present)`: the first block at or after `from` that is present (or absent);
/// UINT64_MAX if there is none. What it says of blocks beyond the end does not matter, and the map
/// may change meanwhile: the plan is never of length 0 for a range that has one.
/// A range that begins at or beyond the end is zero, and so is one of no length. `download` is for
/// callers that have no cache: it is never the answer.
[[nodiscard]] ReadPlan
plan_read(std::uint64_t start, std::uint64_t length, std::uint64_t object_size,
          const std::function<std::uint64_t(std::uint64_t from, bool present)>& next);

} // namespace cachefiles::protocol::netfs
