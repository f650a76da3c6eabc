// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <limits>

namespace cachefiles::daemon {

/// The mtime of a directory that was never in step.
inline constexpr std::int64_t no_mark = std::numeric_limits<std::int64_t>::min();

/// How long a directory must have been at rest before its mtime says that it did not change: file
/// times move with the timer tick (4 ms, or 10), and an event is queued shortly after the change
/// that it reports. Two seconds are a large multiple of both.
inline constexpr Seconds settling_time = 2;

/// Whether a directory with that mtime was at rest at `now`. A time in the future never is.
[[nodiscard]] inline bool settled(std::int64_t mtime_ns, Seconds now) {
    return mtime_ns / 1'000'000'000 < now - settling_time;
}

} // namespace cachefiles::daemon
