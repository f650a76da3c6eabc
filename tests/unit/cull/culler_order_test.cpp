// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/cull/culler_bench.hpp"

#include <doctest/doctest.h>

#include <random>
#include <set>

namespace {

using namespace cachefiles;
using namespace cachefiles::tests;
using namespace cachefiles::cull;

/// The shortest prefix of the recency order that makes up both amounts.
std::set<index::ObjectId> oldest(const CullerBench& bench, std::uint64_t bytes,
                                 std::uint64_t objects) {
    std::set<index::ObjectId> prefix;
    std::uint64_t held = 0;
    for (const index::ObjectId id : bench.order()) {
        if (held >= bytes && prefix.size() >= objects)
            break;
        held += bench.cache.files.at(id).bytes;
        prefix.insert(id);
    }
    return prefix;
}

} // namespace

TEST_SUITE_BEGIN("cull::Culler order");

TEST_CASE("what goes is exactly the oldest prefix, for any ages, sizes, demands and batches") {
    std::mt19937_64 random(7);
    for (const std::size_t batch : {1, 3, 50, 4'096}) {
        CAPTURE(batch);
        CullerBench bench({.batch = batch});
        const index::VolumeId a = bench.add_mounted("a");
        const index::VolumeId b = bench.add_mounted("b");
        for (int i = 0; i < 1'500; ++i) { // many ages are the same
            bench.add(random() % 2 ? a : b, static_cast<Seconds>(random() % 300),
                      (random() % 50) * (random() % 20) * 4'096,
                      static_cast<std::uint8_t>(random()));
        }
        for (int run = 0; run < 6; ++run) {
            const std::uint64_t bytes = random() % 3 ? random() % 20'000'000 : 0;
            const std::uint64_t objects = random() % 3 ? random() % 150 : 0;
            const std::set<index::ObjectId> expected = oldest(bench, bytes, objects);
            bench.cache.evicted.clear();
            const PassReport report = bench.run(wanted(bytes, objects));
            REQUIRE(report.result == PassResult::satisfied);
            REQUIRE(report.objects == expected.size());
            REQUIRE(as_set(bench.cache.evicted) == expected);
        }
        CHECK(bench.index->totals().objects == bench.cache.files.size());
        CHECK(bench.cache.evicted_volumes.empty());
    }
}

TEST_CASE("a batch is grouped by directory and no longer than it may be") {
    CullerBench bench({.batch = 100});
    const index::VolumeId volume = bench.add_mounted("v");
    for (int i = 0; i < 450; ++i)
        bench.add(volume, 1'000 - i, 4'096, static_cast<std::uint8_t>(i % 7));
    bench.run(wanted(0, 450));
    REQUIRE(bench.cache.batches.size() == 5);
    for (const std::vector<index::ObjectId>& batch : bench.cache.batches) {
        CHECK(batch.size() <= 100);
        CHECK(std::is_sorted(batch.begin(), batch.end()));
    }
}

TEST_CASE("nothing is done for nothing") {
    CullerBench bench;
    bench.add(bench.add_mounted("v"), 10);
    CHECK(bench.run(wanted(0, 0)).result == PassResult::satisfied);
    CHECK(bench.run({}).result == PassResult::satisfied);
    CHECK(bench.cache.tries == 0);
    CHECK(bench.log.lines().empty());
}

TEST_CASE("a demand larger than the cache takes all and stalls") {
    CullerBench bench({.batch = 10});
    const index::VolumeId volume = bench.add_mounted("v");
    for (int i = 0; i < 95; ++i)
        bench.add(volume, i);
    const PassReport report = bench.run(wanted(UINT64_MAX, UINT64_MAX));
    CHECK(report.result == PassResult::stalled);
    CHECK(report.objects == 95);
    CHECK(report.bytes == 95 * 4'096);
    CHECK(bench.index->totals().objects == 0);
    CHECK(bench.run(wanted(1, 0)).result == PassResult::stalled);
    CHECK(bench.cache.questions == 0); // nothing is in use: no need to ask
}

TEST_CASE("pinned volumes and those that the demand leaves out stay") {
    CullerBench bench;
    const index::VolumeId pinned = bench.add_mounted("pinned");
    const index::VolumeId left_out = bench.add_mounted("left out");
    const index::VolumeId other = bench.add_mounted("other");
    for (int i = 0; i < 20; ++i) {
        bench.add(pinned, 1'000);
        bench.add(left_out, 1'000);
        bench.add(other, 10);
    }
    Demand demand = wanted(0, 30);
    demand.except = {left_out};
    const PassReport report = bench.run(demand, {pinned});
    CHECK(report.result == PassResult::stalled);
    CHECK(report.objects == 20);
    CHECK(bench.index->volume(pinned)->totals.objects == 20);
    CHECK(bench.index->volume(left_out)->totals.objects == 20);

    demand = wanted(0, 1);
    demand.only = pinned;
    CHECK(bench.run(demand, {pinned}).result == PassResult::stalled);
    CHECK(bench.index->volume(pinned)->totals.objects == 20);
}

TEST_CASE("a demand on one volume takes from no other") {
    CullerBench bench;
    const index::VolumeId one = bench.add_mounted("one");
    const index::VolumeId two = bench.add_mounted("two");
    for (int i = 0; i < 20; ++i) {
        bench.add(one, 10);
        bench.add(two, 1'000);
    }
    Demand demand = wanted(0, 7, Reason::volume);
    demand.only = one;
    CHECK(bench.run(demand).result == PassResult::satisfied);
    CHECK(bench.index->volume(one)->totals.objects == 13);
    CHECK(bench.index->volume(two)->totals.objects == 20);
}

TEST_CASE("what is younger than min_age stays, come what may") {
    CullerBench bench;
    const index::VolumeId volume = bench.add_mounted("v");
    for (int age = 1; age <= 100; ++age)
        bench.add(volume, age);
    const PassReport report = bench.run(wanted(0, 100), {}, 40);
    CHECK(report.result == PassResult::stalled);
    CHECK(report.objects == 60); // 41 ... 100
    bench.clock.advance(std::chrono::seconds(10));
    CHECK(bench.run(wanted(0, 100), {}, 40).objects == 10);
    bench.run(wanted_before(bench.start), {}, 40);
    CHECK(bench.index->totals().objects == 30);
}

TEST_CASE("everything used before a time goes, whatever the amounts") {
    CullerBench bench({.batch = 16});
    const index::VolumeId volume = bench.add_mounted("v");
    std::vector<index::ObjectId> ids;
    for (int age = 1; age <= 100; ++age)
        ids.push_back(bench.add(volume, age));
    bench.take(ids[99], false);
    bench.cache.files.at(ids[98]).broken = true;
    const PassReport report = bench.run(wanted_before(bench.start - 40));
    CHECK(report.result == PassResult::satisfied);
    CHECK(report.objects == 58);
    CHECK(bench.index->totals().objects == 42);
    CHECK(bench.run(wanted_before(bench.start - 40)).objects == 0);
}

TEST_SUITE_END();
