// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/thread_executor.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <memory>

using namespace cachefiles;
using cache::ThreadExecutor;

namespace {

std::chrono::nanoseconds now() {
    return std::chrono::steady_clock::now().time_since_epoch();
}

} // namespace

TEST_CASE("every job runs, also those submitted by jobs, before the executor ends") {
    std::atomic<int> runs = 0;
    {
        ThreadExecutor executor(3);
        for (int i = 0; i < 100; ++i) {
            executor.submit([&] {
                ++runs;
                executor.submit([&runs] { ++runs; });
            });
        }
    }
    CHECK(runs == 200);
}

TEST_CASE("a job may wait for another one if there is a thread for each") {
    std::latch both(2);
    ThreadExecutor executor(2);
    executor.submit([&both] { both.arrive_and_wait(); });
    executor.submit([&both] { both.arrive_and_wait(); });
}

TEST_CASE("a timer does not run before its time, and an earlier one overtakes it") {
    std::latch done(1);
    std::atomic<bool> too_early = false;
    std::atomic<bool> late_ran = false;
    {
        ThreadExecutor executor(1);
        const auto hour = now() + std::chrono::hours(1);
        executor.submit_at(hour, [&late_ran] { late_ran = true; });
        const auto soon = now() + std::chrono::milliseconds(5);
        executor.submit_at(soon, [&] {
            too_early = now() < soon;
            done.count_down();
        });
        done.wait();
    }
    CHECK(!too_early);
    CHECK(!late_ran);
}

TEST_CASE("a job's captures are gone when it has run") {
    const auto held = std::make_shared<int>(0);
    std::latch ran(1);
    ThreadExecutor executor(1);
    executor.submit([held] {});
    executor.submit([&ran] { ran.count_down(); });
    ran.wait();
    CHECK(held.use_count() == 1);
}
