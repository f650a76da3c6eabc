// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/executor.hpp"
#include "tests/unit/simulated_clock.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <utility>

namespace cachefiles::tests {

/// Jobs wait until the test runs them, in the order that it chooses.
class ScriptedExecutor final : public cache::Executor {
public:
    explicit ScriptedExecutor(SimulatedClock& clock) : clock_(clock) {}

    void submit(Job job) override { jobs_.push_back(std::move(job)); }
    void submit_at(std::chrono::nanoseconds at, Job job) override {
        timers_.emplace(at, std::move(job));
    }

    [[nodiscard]] std::size_t pending() const { return jobs_.size(); }

    void run(std::size_t which = 0) {
        const auto place = jobs_.begin() + static_cast<std::ptrdiff_t>(which);
        Job job = std::move(*place);
        jobs_.erase(place);
        job();
    }

    void run_all() {
        while (!jobs_.empty())
            run();
    }

    /// What falls due becomes pending.
    void advance(std::chrono::nanoseconds by) {
        clock_.advance(by);
        while (!timers_.empty() && timers_.begin()->first <= clock_.monotonic()) {
            jobs_.push_back(std::move(timers_.begin()->second));
            timers_.erase(timers_.begin());
        }
    }

private:
    SimulatedClock& clock_;
    std::deque<Job> jobs_;
    std::multimap<std::chrono::nanoseconds, Job> timers_;
};

} // namespace cachefiles::tests
