// SPDX-License-Identifier: GPL-2.0-or-later
#include "cull/backoff.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using namespace cachefiles::cull;

namespace {

Demand demand(Reason reason, cachefiles::index::VolumeId only = 0) {
    Demand made;
    made.reason = reason;
    made.only = only;
    return made;
}

} // namespace

TEST_SUITE_BEGIN("cull::Backoff");

TEST_CASE("nothing is waited for until a stall") {
    Backoff backoff;
    CHECK(backoff.may_try(0s));
    CHECK_FALSE(backoff.wake_at().has_value());
}

TEST_CASE("the delay doubles from a second to a minute, and stays there") {
    Backoff backoff;
    std::chrono::nanoseconds now = 100s;
    for (const std::chrono::nanoseconds delay : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s}) {
        backoff.stalled(now);
        REQUIRE(backoff.wake_at() == now + delay);
        CHECK_FALSE(backoff.may_try(now));
        CHECK_FALSE(backoff.may_try(now + delay - 1ns));
        now += delay;
        CHECK(backoff.may_try(now));
    }
}

TEST_CASE("a release allows a try at once, and leaves the delay as long as it was") {
    Backoff backoff;
    backoff.stalled(0s);
    backoff.stalled(1s);
    backoff.released();
    CHECK(backoff.may_try(1s));
    CHECK_FALSE(backoff.wake_at().has_value());
    backoff.stalled(1s);
    CHECK(backoff.wake_at() == 5s);
}

TEST_CASE("success forgets the delay") {
    Backoff backoff;
    for (int i = 0; i < 10; ++i)
        backoff.stalled(0s);
    backoff.succeeded();
    CHECK(backoff.may_try(0s));
    backoff.stalled(0s);
    CHECK(backoff.wake_at() == 1s);
}

TEST_CASE("each limit waits for itself, and the timer is for the first") {
    Backoff backoff;
    backoff.stalled(0s, demand(Reason::volume, 7));
    backoff.stalled(0s, demand(Reason::volume, 7));
    backoff.stalled(0s, demand(Reason::max_size));
    CHECK_FALSE(backoff.may_try(0s, demand(Reason::volume, 7)));
    CHECK_FALSE(backoff.may_try(0s, demand(Reason::max_size)));
    CHECK(backoff.may_try(0s, demand(Reason::volume, 8)));
    CHECK(backoff.may_try(0s, demand(Reason::watermark)));
    CHECK(backoff.wake_at() == 1s);
    backoff.succeeded(demand(Reason::max_size));
    CHECK(backoff.wake_at() == 2s);
    CHECK(backoff.may_try(2s, demand(Reason::volume, 7)));
    backoff.succeeded();
    CHECK_FALSE(backoff.wake_at().has_value());
}

TEST_CASE("below the stop limit is not another cause than below cull") {
    Backoff backoff;
    backoff.stalled(0s, demand(Reason::watermark));
    CHECK_FALSE(backoff.may_try(0s, demand(Reason::stop_limit)));
}

TEST_SUITE_END();
