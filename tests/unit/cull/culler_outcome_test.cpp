// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/cull/culler_bench.hpp"

#include <doctest/doctest.h>

namespace {

using namespace cachefiles;
using namespace cachefiles::tests;
using namespace cachefiles::cull;

/// A mounted volume with `count` objects, the first the oldest, a second apart.
std::vector<index::ObjectId> fill(CullerBench& bench, int count) {
    const index::VolumeId volume = bench.add_mounted("v");
    std::vector<index::ObjectId> ids;
    for (int i = 0; i < count; ++i)
        ids.push_back(bench.add(volume, 100'000 - i));
    return ids;
}

index::Attributes attributes(CullerBench& bench, index::ObjectId id) {
    const std::optional<index::Object> object = bench.index->find(id);
    REQUIRE(object.has_value());
    return object->attributes;
}

} // namespace

TEST_SUITE_BEGIN("cull::Culler outcomes");

TEST_CASE("a busy object becomes in use, and counts as used now") {
    CullerBench bench;
    const std::vector<index::ObjectId> ids = fill(bench, 10);
    bench.take(ids[0], false);
    const PassReport report = bench.run(wanted(0, 3));
    CHECK(report.result == PassResult::satisfied);
    CHECK(report.objects == 3);
    CHECK(report.busy == 1);
    CHECK(attributes(bench, ids[0]).state == index::ObjectState::in_use);
    CHECK(attributes(bench, ids[0]).last_use == bench.start);
    CHECK(as_set(bench.cache.evicted) == std::set{ids[1], ids[2], ids[3]});
    CHECK(bench.cache.questions == 0); // one is cheaper to run into than to ask about all
}

TEST_CASE("an object that was used goes to its true place") {
    CullerBench bench;
    const std::vector<index::ObjectId> ids = fill(bench, 10);
    bench.cache.files.at(ids[0]).last_use = bench.start - 100'000 + 5; // between 5 and 6
    bench.run(wanted(0, 4));
    CHECK(bench.cache.files.contains(ids[0]));
    CHECK(attributes(bench, ids[0]).last_use == bench.start - 100'000 + 5);
    bench.run(wanted(0, 2)); // 0 and 5, then 6
    CHECK_FALSE(bench.cache.files.contains(ids[0]));
    CHECK_FALSE(bench.cache.files.contains(ids[5]));
    CHECK(bench.cache.files.contains(ids[6]));
    CHECK(bench.culler.counters().used == 1);
}

TEST_CASE("an object that is used at every look does not keep a pass from ending") {
    CullerBench bench({.batch = 2});
    const std::vector<index::ObjectId> ids = fill(bench, 20);
    bench.cache.after_batch = [&] {
        for (auto& [id, file] : bench.cache.files)
            file.last_use += 200'000;
    };
    bench.cache.after_batch();
    CHECK(bench.run(wanted(0, 5)).result == PassResult::stalled);
    CHECK(bench.culler.counters().culled_objects == 0);
}

TEST_CASE("a failed object counts as used now, and is not tried twice in a pass") {
    CullerBench bench({.batch = 3});
    const std::vector<index::ObjectId> ids = fill(bench, 10);
    bench.cache.files.at(ids[0]).broken = true;
    bench.cache.files.at(ids[4]).broken = true;
    bench.clock.advance(std::chrono::seconds(100));
    const PassReport report = bench.run(wanted(0, 10));
    CHECK(report.result == PassResult::stalled);
    CHECK(report.objects == 8);
    CHECK(bench.cache.tries == 10);
    CHECK(attributes(bench, ids[0]).last_use == bench.start + 100);
    CHECK(attributes(bench, ids[0]).state == index::ObjectState::idle);
    CHECK(bench.culler.counters().failed == 2);
    bench.cache.files.at(ids[0]).broken = false;
    CHECK(bench.run(wanted(0, 1)).result == PassResult::satisfied);
}

TEST_CASE("a file system that refuses everything is not asked about every object") {
    CullerBench bench({.batch = 10});
    for (const index::ObjectId id : fill(bench, 500))
        bench.cache.files.at(id).broken = true;
    CHECK(bench.run(wanted(0, 100)).result == PassResult::stalled);
    CHECK(bench.cache.tries == 20);
}

TEST_CASE("what is gone is forgotten, and counts only where totals are the matter") {
    for (const Reason reason : {Reason::watermark, Reason::max_files}) {
        CullerBench bench;
        const std::vector<index::ObjectId> ids = fill(bench, 10);
        bench.cache.files.erase(ids[0]);
        bench.cache.files.erase(ids[1]);
        const PassReport report = bench.run(wanted(0, 3, reason));
        CHECK(report.result == PassResult::satisfied);
        CHECK(report.objects == (reason == Reason::watermark ? 3 : 1));
        CHECK(bench.index->totals().objects == (reason == Reason::watermark ? 5 : 7));
        CHECK(bench.culler.counters().gone == 2);
    }
}

TEST_CASE("a cache out of order ends the pass, and nothing is forgotten") {
    CullerBench bench({.batch = 4});
    fill(bench, 10);
    bench.cache.dead = true;
    const PassReport report = bench.run(wanted(0, 10));
    CHECK(report.result == PassResult::lost);
    CHECK(bench.cache.tries == 4);
    CHECK(bench.index->totals().objects == 10);
}

TEST_CASE("it stops between batches, and when the evictor leaves victims untried") {
    CullerBench bench({.batch = 4});
    fill(bench, 20);
    int questions = 0;
    const auto twice = [&questions] {
        return ++questions <= 2;
    };
    PassReport report = bench.culler.run(wanted(0, 20), {}, 0, twice);
    CHECK(report.result == PassResult::stopped);
    CHECK(report.objects == 8);
    CHECK(bench.index->totals().objects == 12);

    bench.cache.asked_to_stop = true;
    report = bench.run(wanted(0, 20));
    CHECK(report.result == PassResult::stopped);
    CHECK(report.objects == 0);
    CHECK(bench.cache.batches.size() == 3);

    bench.cache.asked_to_stop = false;
    CHECK(bench.run(wanted(0, 12)).result == PassResult::satisfied);
}

TEST_CASE("when many are busy, everything in use is asked for once, and left alone") {
    CullerBench bench({.batch = 100});
    const std::vector<index::ObjectId> ids = fill(bench, 2'000);
    for (std::size_t i = 0; i < ids.size(); i += 2)
        bench.take(ids[i], false);
    const PassReport report = bench.run(wanted(0, 1'000));
    CHECK(report.result == PassResult::satisfied);
    CHECK(report.objects == 1'000);
    CHECK(report.busy == 100); // the first two batches
    CHECK(bench.cache.questions == 1);
    CHECK(bench.index->totals().in_use == 1'000);
    CHECK(bench.cache.tries == 1'100);
}

TEST_CASE("when it cannot be told what is in use, each is found busy once") {
    CullerBench bench({.batch = 100});
    const std::vector<index::ObjectId> ids = fill(bench, 1'000);
    for (std::size_t i = 0; i < ids.size(); i += 2)
        bench.take(ids[i], false);
    bench.cache.can_tell_objects = false;
    const PassReport report = bench.run(wanted(0, 501));
    CHECK(report.result == PassResult::stalled);
    CHECK(report.objects == 500);
    CHECK(report.busy == 500);
    CHECK(bench.cache.tries == 1'000);
}

TEST_CASE("what the index wrongly believes in use is found when nothing idle is left") {
    CullerBench bench;
    const std::vector<index::ObjectId> ids = fill(bench, 10);
    for (const index::ObjectId id : ids)
        bench.take(id, true);
    for (std::size_t i = 0; i < 4; ++i)
        bench.cache.files.at(ids[i]).in_use = false; // and nobody tells the index
    const PassReport report = bench.run(wanted(0, 3));
    CHECK(report.result == PassResult::satisfied);
    CHECK(as_set(bench.cache.evicted) == std::set{ids[0], ids[1], ids[2]});
    CHECK(bench.index->totals().in_use == 6);
    CHECK(attributes(bench, ids[3]).state == index::ObjectState::idle);
}

TEST_CASE("wrong beliefs are also mended by the hour, without a stall") {
    CullerBench bench;
    const std::vector<index::ObjectId> ids = fill(bench, 10);
    bench.take(ids[0], true);
    bench.cache.files.at(ids[0]).in_use = false;
    bench.run(wanted(0, 1));
    CHECK(bench.cache.files.contains(ids[0]));
    bench.clock.advance(std::chrono::hours(1));
    bench.run(wanted(0, 1));
    CHECK_FALSE(bench.cache.files.contains(ids[0]));
    bench.run(wanted(0, 1));
    CHECK(bench.cache.questions == 1);
}

TEST_CASE("counters add up over passes") {
    CullerBench bench({.batch = 3});
    fill(bench, 20);
    bench.run(wanted(0, 5));
    bench.run(wanted(6 * 4'096, 0));
    const CullCounters counters = bench.culler.counters();
    CHECK(counters.passes == 2);
    CHECK(counters.culled_objects == 11);
    CHECK(counters.culled_bytes == 11 * 4'096);
    CHECK(counters.culled_volumes == 0);
    CHECK(counters.stalls == 0);
}

TEST_SUITE_END();
