// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace cachefiles::ctl {

/// When the next piece may be read, so that no more than so many bytes a second are.
class Pace final {
public:
    /// 0: as fast as it goes.
    explicit Pace(std::uint64_t bytes_per_second)
        : bytes_per_second_(static_cast<double>(bytes_per_second)) {}

    /// Takes the next free time for so many bytes; `now` and the result are Clock::monotonic().
    [[nodiscard]] std::chrono::nanoseconds reserve(std::chrono::nanoseconds now,
                                                   std::uint64_t bytes) {
        const std::chrono::nanoseconds begin = std::max(now, free_);
        if (bytes_per_second_ > 0)
            free_ = begin + std::chrono::nanoseconds(static_cast<std::int64_t>(
                                static_cast<double>(bytes) * 1e9 / bytes_per_second_));
        return begin;
    }

private:
    double bytes_per_second_;
    std::chrono::nanoseconds free_{0};
};

} // namespace cachefiles::ctl
