// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "cache/executor.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace cachefiles::conformance {

/// Time that stands still until it is moved. Any thread.
class ManualClock final : public Clock {
public:
    [[nodiscard]] Seconds now() const override {
        return start + std::chrono::duration_cast<std::chrono::seconds>(monotonic()).count();
    }
    [[nodiscard]] std::chrono::nanoseconds monotonic() const override { return now_.load(); }
    void advance(std::chrono::nanoseconds by) { now_ = now_.load() + by; }

private:
    static constexpr Seconds start = 1'700'000'000;
    std::atomic<std::chrono::nanoseconds> now_{std::chrono::nanoseconds{1}};
};

/// Real threads, of which one can know that they have nothing to do any more; time is the clock's,
/// so that nobody waits for the ten seconds of an idle cookie. Any thread.
class PoolExecutor final : public cache::Executor {
public:
    explicit PoolExecutor(ManualClock& clock);
    /// Runs what has been submitted; drops timers that are not due.
    ~PoolExecutor() override;
    PoolExecutor(const PoolExecutor&) = delete;
    PoolExecutor& operator=(const PoolExecutor&) = delete;

    void submit(Job job) override;
    void submit_at(std::chrono::nanoseconds at, Job job) override;

    /// Until no job waits or runs.
    void settle();
    /// Moves the clock; what falls due is submitted.
    void advance(std::chrono::nanoseconds by);

private:
    void work();

    ManualClock& clock_;
    std::mutex mutex_;
    std::condition_variable change_;
    std::deque<Job> jobs_;
    std::multimap<std::chrono::nanoseconds, Job> timers_;
    std::size_t running_ = 0;
    bool stopping_ = false;
    std::vector<std::jthread> threads_; // last: they use what stands above
};

} // namespace cachefiles::conformance
