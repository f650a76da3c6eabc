// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "index/object.hpp"
#include "index/rank.hpp"

#include <compare>
#include <cstdint>

namespace cachefiles::index {

/// Where a walk in recency order stands. Starts before the oldest object.
struct RecencyCursor {
    Rank last_use = INT64_MIN; ///< those in use stand behind all others
    std::uint64_t bytes = UINT64_MAX;
    std::int64_t id = INT64_MIN;

    /// On this object: the walk goes on behind it.
    [[nodiscard]] static RecencyCursor at(const Object& object) {
        return {rank_of(object.attributes.state, object.attributes.last_use),
                object.attributes.bytes, object.id.value()};
    }

    /// Least recently used first, larger first among those of one second, then by id.
    [[nodiscard]] std::strong_ordering operator<=>(const RecencyCursor& other) const {
        if (const auto order = last_use <=> other.last_use; order != 0)
            return order;
        if (const auto order = other.bytes <=> bytes; order != 0)
            return order;
        return id <=> other.id;
    }
    bool operator==(const RecencyCursor&) const = default;
};

} // namespace cachefiles::index
