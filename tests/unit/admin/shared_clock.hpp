// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"

#include <atomic>

namespace cachefiles::tests {

/// Time that stands still until a test moves it, seen by other threads.
class SharedClock final : public Clock {
public:
    [[nodiscard]] Seconds now() const override { return start + since_.load() / 1'000'000'000; }
    [[nodiscard]] std::chrono::nanoseconds monotonic() const override {
        return std::chrono::nanoseconds(since_.load() + 1);
    }
    void advance(std::chrono::nanoseconds by) { since_ += by.count(); }

    static constexpr Seconds start = 1'700'000'000;

private:
    std::atomic<std::int64_t> since_{0};
};

} // namespace cachefiles::tests
