// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

namespace cachefiles::ctl {

/// "1,234,567".
[[nodiscard]] std::string format_count(std::uint64_t count);

/// "71%"; below 1 and above 99 not rounded to nothing and all: "<1%", ">99%".
[[nodiscard]] std::string format_share(double fraction);

/// How long ago `then` was, both in microseconds since the epoch: "3d 4h ago", "never" for 0.
[[nodiscard]] std::string format_ago(std::uint64_t now_usec, std::uint64_t then_usec);

/// "2026-11-26T04:35:00Z"
[[nodiscard]] std::string format_time(std::uint64_t usec);

inline constexpr std::uint64_t usec_per_second = 1'000'000;

} // namespace cachefiles::ctl
