// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"

namespace cachefiles::tests {

/// Time that stands still until a test moves it.
class SimulatedClock final : public Clock {
public:
    explicit SimulatedClock(Seconds start = 1'700'000'000) : now_(start) {}

    [[nodiscard]] Seconds now() const override { return now_; }
    [[nodiscard]] std::chrono::nanoseconds monotonic() const override { return monotonic_; }

    void advance(std::chrono::nanoseconds by) {
        monotonic_ += by;
        fraction_ += by;
        const auto whole = std::chrono::duration_cast<std::chrono::seconds>(fraction_);
        fraction_ -= whole;
        now_ += whole.count();
    }

private:
    Seconds now_;
    std::chrono::nanoseconds monotonic_{1};
    std::chrono::nanoseconds fraction_{0};
};

} // namespace cachefiles::tests
