// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace cachefiles {

/// How long things took: so many within each of some fixed bounds, and all of them together.
/// Lock-free; any thread.
class Histogram final {
public:
    using Time = std::chrono::nanoseconds;

    /// From the deletion of a small file to a disk that does not answer, three steps a decade.
    static constexpr std::array<Time, 14> bounds{
        std::chrono::microseconds(10),  std::chrono::microseconds(30),
        std::chrono::microseconds(100), std::chrono::microseconds(300),
        std::chrono::milliseconds(1),   std::chrono::milliseconds(3),
        std::chrono::milliseconds(10),  std::chrono::milliseconds(30),
        std::chrono::milliseconds(100), std::chrono::milliseconds(300),
        std::chrono::seconds(1),        std::chrono::seconds(3),
        std::chrono::seconds(10),       std::chrono::seconds(30)};

    struct Snapshot {
        /// Observations that took no longer than each bound; the last: all of them.
        std::array<std::uint64_t, bounds.size() + 1> within{};
        Time sum{0};
    };

    void observe(Time took) {
        const std::size_t bucket = static_cast<std::size_t>(
            std::lower_bound(bounds.begin(), bounds.end(), took) - bounds.begin());
        counts_[bucket].fetch_add(1, std::memory_order_relaxed);
        sum_.fetch_add(took.count(), std::memory_order_relaxed);
    }

    /// What is observed meanwhile may be in one of both and not in the other.
    [[nodiscard]] Snapshot snapshot() const {
        Snapshot result;
        std::uint64_t total = 0;
        for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket)
            result.within[bucket] = total += counts_[bucket].load(std::memory_order_relaxed);
        result.sum = Time(sum_.load(std::memory_order_relaxed));
        return result;
    }

private:
    std::array<std::atomic<std::uint64_t>, bounds.size() + 1> counts_{};
    std::atomic<Time::rep> sum_{0};
};

} // namespace cachefiles
