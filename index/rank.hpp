// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/object.hpp"

#include <algorithm>
#include <cstdint>

namespace cachefiles::index {

/// An object's place in the order of culling as one number: its last use, and far behind every time
/// while it is in use. With the state in a column and a partial index of its own, deleting an
/// object costs a third cursor and two more comparisons.
using Rank = std::int64_t;

/// What is in use begins here: the year 36812.
inline constexpr Rank in_use_rank = Rank{1} << 40;

/// A time that can be stored: 1970 to the year 36812.
[[nodiscard]] constexpr Seconds storable_time(Seconds time) {
    return std::clamp<Seconds>(time, 0, in_use_rank - 1);
}

[[nodiscard]] constexpr Rank rank_of(ObjectState state, Seconds last_use) {
    return storable_time(last_use) | (state == ObjectState::idle ? 0 : in_use_rank);
}
[[nodiscard]] constexpr ObjectState state_of(Rank rank) {
    return rank < in_use_rank ? ObjectState::idle : ObjectState::in_use;
}
[[nodiscard]] constexpr Seconds last_use_of(Rank rank) {
    return rank & (in_use_rank - 1);
}

} // namespace cachefiles::index
