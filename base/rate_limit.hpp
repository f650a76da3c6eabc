// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace cachefiles {

/// Lets a message through once in a while, and counts those that it held back. Not thread-safe.
class RateLimit final {
public:
    explicit RateLimit(std::chrono::nanoseconds interval) : interval_(interval) {}

    /// Whether to speak now (Clock::monotonic()); if so, how many were held back since last time.
    [[nodiscard]] std::optional<std::uint64_t> pass(std::chrono::nanoseconds now) {
        if (last_ && now - *last_ < interval_) {
            ++held_back_;
            return std::nullopt;
        }
        last_ = now;
        const std::uint64_t held_back = held_back_;
        held_back_ = 0;
        return held_back;
    }

private:
    std::chrono::nanoseconds interval_;
    std::optional<std::chrono::nanoseconds> last_;
    std::uint64_t held_back_ = 0;
};

} // namespace cachefiles
