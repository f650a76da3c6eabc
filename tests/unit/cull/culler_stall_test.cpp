// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/message_ids.hpp"
#include "tests/unit/cull/culler_bench.hpp"

#include <doctest/doctest.h>

namespace {

using namespace cachefiles;
using namespace cachefiles::tests;
using namespace cachefiles::cull;

/// A mounted volume whose objects are all in use, which the index knows or not.
std::vector<index::ObjectId> fill_in_use(CullerBench& bench, int count, bool known) {
    const index::VolumeId volume = bench.add_mounted("v");
    std::vector<index::ObjectId> ids;
    for (int i = 0; i < count; ++i) {
        ids.push_back(bench.add(volume, 100'000 - i));
        bench.take(ids.back(), known);
    }
    return ids;
}

} // namespace

TEST_SUITE_BEGIN("cull::Culler stalls");

TEST_CASE("everything in use: found out once, said once, and then next to nothing is done") {
    CullerBench bench({.batch = 100});
    fill_in_use(bench, 5'000, false);
    CHECK(bench.run(wanted(1'000'000, 0)).result == PassResult::stalled);
    CHECK(bench.cache.tries == 100);
    CHECK(bench.index->totals().in_use == 5'000);
    for (int i = 0; i < 50; ++i) {
        bench.clock.advance(std::chrono::seconds(60));
        CHECK(bench.run(wanted(1'000'000, 0)).result == PassResult::stalled);
    }
    CHECK(bench.cache.tries == 100);
    CHECK(bench.lines(message_id::cull_stalled) == 1);
    CHECK(bench.lines(message_id::cull_started) == 1);
    CHECK(bench.lines(message_id::cull_finished) == 0);
    CHECK(bench.culler.counters().stalls == 1);
    CHECK(bench.log.contains("5000 of 5000 objects are in use"));
}

TEST_CASE("asking what is in use takes a quarter of a per cent of the time at most") {
    CullerBench bench;
    fill_in_use(bench, 10, true);
    bench.cache.question = std::chrono::seconds(2);
    bench.run(wanted(1, 0));
    CHECK(bench.cache.questions == 1);
    for (int second = 0; second < 797; ++second) {
        bench.clock.advance(std::chrono::seconds(1));
        bench.run(wanted(1, 0));
    }
    CHECK(bench.cache.questions == 1);
    bench.clock.advance(std::chrono::seconds(1));
    bench.run(wanted(1, 0));
    CHECK(bench.cache.questions == 2);
}

TEST_CASE("a trickle of releases is culled as it comes, in one stall, until the demand is met") {
    CullerBench bench;
    const std::vector<index::ObjectId> ids = fill_in_use(bench, 100, true);
    std::uint64_t left = 30;
    CHECK(bench.run(wanted(0, left)).result == PassResult::stalled);
    for (std::size_t i = 0; left > 0; i += 3) {
        for (std::size_t k = i; k < i + 3; ++k)
            bench.release(ids[k]);
        const PassReport report = bench.run(wanted(0, left));
        REQUIRE(report.objects == 3);
        left -= report.objects;
        CHECK(report.result == (left > 0 ? PassResult::stalled : PassResult::satisfied));
    }
    CHECK(bench.cache.tries == 30);
    CHECK(bench.lines(message_id::cull_stalled) == 1);
    CHECK(bench.lines(message_id::cull_started) == 0); // it never came to more than a trickle
    CHECK(bench.lines(message_id::cull_finished) == 1);
    CHECK(bench.log.contains("30 objects"));
}

TEST_CASE("started and finished are said once for a demand that takes several passes") {
    CullerBench bench({.batch = 5});
    const index::VolumeId volume = bench.add_mounted("v");
    for (int i = 0; i < 40; ++i)
        bench.add(volume, i);
    int questions = 0;
    const auto twice = [&questions] {
        return ++questions <= 2;
    };
    CHECK(bench.culler.run(wanted(0, 30), {}, 0, twice).objects == 10);
    bench.clock.advance(std::chrono::seconds(65));
    CHECK(bench.run(wanted(0, 20)).objects == 20);
    CHECK(bench.lines(message_id::cull_started) == 1);
    CHECK(bench.lines(message_id::cull_finished) == 1);
    CHECK(bench.log.contains("culling finished (watermark): 30 objects, 120.0 KiB, in 1min 5s"));
    bench.run(wanted(0, 1));
    CHECK(bench.lines(message_id::cull_started) == 2);
}

TEST_CASE("falling below the stop limit is no new start") {
    CullerBench bench({.batch = 1});
    const index::VolumeId volume = bench.add_mounted("v");
    for (int i = 0; i < 10; ++i)
        bench.add(volume, i);
    int questions = 0;
    bench.culler.run(wanted(0, 5), {}, 0, [&questions] { return ++questions <= 1; });
    bench.run(wanted(0, 5, Reason::stop_limit));
    CHECK(bench.lines(message_id::cull_started) == 1);
    CHECK(bench.lines(message_id::cull_finished) == 1);
}

TEST_CASE("a stall over one limit is not ended by another limit that is met") {
    CullerBench bench;
    fill_in_use(bench, 5, true);
    const index::VolumeId other = bench.add_mounted("other");
    Demand volume = wanted(0, 1, Reason::volume);
    volume.only = 1;
    for (int round = 0; round < 5; ++round) {
        bench.clock.advance(std::chrono::seconds(60));
        CHECK(bench.run(volume).result == PassResult::stalled);
        bench.add(other, 1'000);
        CHECK(bench.run(wanted_before(bench.start)).objects == 1);
    }
    CHECK(bench.lines(message_id::cull_stalled) == 1);
    CHECK(bench.culler.counters().stalls == 1);
}

TEST_CASE("an empty demand ends what was stalled, so that the next stall is said again") {
    CullerBench bench;
    fill_in_use(bench, 5, true);
    bench.run(wanted(1, 0));
    bench.run({});
    CHECK(bench.lines(message_id::cull_finished) == 1);
    bench.run({});
    CHECK(bench.lines(message_id::cull_finished) == 1);
    bench.run(wanted(1, 0));
    CHECK(bench.lines(message_id::cull_stalled) == 2);
}

TEST_SUITE_END();
