// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/histogram.hpp"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

using cachefiles::Histogram;
using namespace std::chrono_literals;

TEST_CASE("histogram: a bound belongs to its bucket, and buckets are cumulative") {
    Histogram histogram;
    histogram.observe(0ns);
    histogram.observe(10us);
    histogram.observe(10us + 1ns);
    histogram.observe(1h);
    const Histogram::Snapshot now = histogram.snapshot();
    CHECK(Histogram::bounds[0] == 10us);
    CHECK(now.within[0] == 2);
    CHECK(now.within[1] == 3);
    CHECK(now.within[Histogram::bounds.size() - 1] == 3);
    CHECK(now.within.back() == 4);
    CHECK(now.sum == 1h + 20us + 1ns);
}

TEST_CASE("histogram: nothing is lost between threads") {
    Histogram histogram;
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread)
        threads.emplace_back([&histogram] {
            for (int i = 0; i < 10'000; ++i)
                histogram.observe(1us * i);
        });
    threads.clear();
    CHECK(histogram.snapshot().within.back() == 40'000);
    CHECK(histogram.snapshot().sum == 4 * 1us * (9'999 * 10'000 / 2));
}
