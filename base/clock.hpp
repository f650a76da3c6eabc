// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>

namespace cachefiles {

/// Wall-clock time in whole seconds since the epoch: the resolution of recency, everywhere.
using Seconds = std::int64_t;

/// Where time comes from. Tests replace it; nothing else in the project asks the system.
class Clock {
public:
    virtual ~Clock() = default;
    /// Seconds since the epoch (CLOCK_REALTIME), to be compared with file times.
    [[nodiscard]] virtual Seconds now() const = 0;
    /// Time that never jumps (CLOCK_MONOTONIC), for intervals.
    [[nodiscard]] virtual std::chrono::nanoseconds monotonic() const = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] Seconds now() const override {
        using namespace std::chrono;
        return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
    }
    [[nodiscard]] std::chrono::nanoseconds monotonic() const override {
        return std::chrono::steady_clock::now().time_since_epoch();
    }
};

} // namespace cachefiles
