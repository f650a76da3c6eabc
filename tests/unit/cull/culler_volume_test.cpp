// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/cull/culler_bench.hpp"

#include <doctest/doctest.h>

#include <random>
#include <set>

namespace {

using namespace cachefiles;
using namespace cachefiles::tests;
using namespace cachefiles::cull;

/// A dead volume of 100 old objects, and a mounted one whose objects are older and younger.
struct DeadAndAlive {
    CullerBench& bench;
    index::VolumeId dead = bench.index->add_volume("dead");
    index::VolumeId alive = bench.add_mounted("alive");

    explicit DeadAndAlive(CullerBench& on) : bench(on) {
        for (int i = 0; i < 100; ++i) {
            bench.add(dead, 5'000 + i);
            bench.add(alive, 10'000 + i); // older
            bench.add(alive, i);          // younger
        }
    }
};

} // namespace

TEST_SUITE_BEGIN("cull::Culler volumes");

TEST_CASE("a dead volume goes as a whole when each of its objects would go anyway") {
    CullerBench bench;
    const DeadAndAlive volumes(bench);
    const PassReport report = bench.run(wanted(0, 201));
    CHECK(report.result == PassResult::satisfied);
    CHECK(bench.cache.evicted_volumes == std::vector{volumes.dead});
    CHECK(report.objects == 201);
    CHECK(report.bytes == 201 * 4'096);
    CHECK(report.graveyard_objects == 100);
    CHECK(report.graveyard_bytes == 100 * 4'096);
    CHECK(bench.cache.evicted.size() == 101);
    CHECK_FALSE(bench.index->volume(volumes.dead).has_value());
    CHECK(bench.culler.counters().culled_volumes == 1);
    CHECK(bench.culler.counters().culled_objects == 201);
}

TEST_CASE("also when its newest object is the last one that has to go") {
    CullerBench bench;
    const DeadAndAlive volumes(bench);
    CHECK(bench.run(wanted(0, 200)).objects == 200);
    CHECK(bench.cache.evicted_volumes == std::vector{volumes.dead});
    CHECK(bench.cache.evicted.size() == 100);
}

TEST_CASE("it goes object by object when one of them would stay") {
    CullerBench bench;
    const DeadAndAlive volumes(bench);
    bench.run(wanted(0, 199));
    CHECK(bench.cache.evicted_volumes.empty());
    CHECK(bench.cache.evicted.size() == 199);
    CHECK(bench.index->volume(volumes.dead)->totals.objects == 1);
}

TEST_CASE("no volume is asked about while none is old enough") {
    CullerBench bench;
    const DeadAndAlive volumes(bench);
    bench.run(wanted(0, 20));
    CHECK(bench.cache.volume_questions == 0);
}

TEST_CASE("a volume that is mounted, pinned, left out, in use or another one stays") {
    CullerBench bench;
    const DeadAndAlive volumes(bench);
    const Demand all = wanted(UINT64_MAX, UINT64_MAX);
    SUBCASE("mounted") {
        bench.cache.mounted.insert(volumes.dead);
        bench.run(all);
        CHECK(bench.cache.evicted.size() == 300);
    }
    SUBCASE("mounted, but that cannot be told") {
        bench.cache.mounted.insert(volumes.dead);
        bench.cache.can_tell_volumes = false;
        bench.run(all);
        CHECK(bench.cache.evicted.size() == 300);
    }
    SUBCASE("pinned") {
        bench.run(all, {volumes.dead});
        CHECK(bench.cache.evicted.size() == 200);
    }
    SUBCASE("left out") {
        Demand demand = all;
        demand.except = {volumes.dead};
        bench.run(demand);
        CHECK(bench.cache.evicted.size() == 200);
    }
    SUBCASE("an object in use") {
        bench.take(bench.order()[150], true);
        bench.run(all);
        CHECK(bench.cache.evicted.size() == 299);
    }
    SUBCASE("another one") {
        Demand demand = all;
        demand.only = volumes.alive;
        bench.run(demand);
        CHECK(bench.cache.evicted.size() == 200);
    }
    SUBCASE("too young") {
        bench.run(all, {}, 5'001);
        CHECK(bench.cache.evicted.size() == 198);
    }
    CHECK(bench.cache.evicted_volumes.empty());
}

TEST_CASE("what the evictor answers about a volume") {
    CullerBench bench;
    const DeadAndAlive volumes(bench);
    SUBCASE("failed: its objects are tried one by one") {
        bench.cache.volume_verdict = Verdict::failed;
        CHECK(bench.run(wanted(0, 250)).result == PassResult::satisfied);
        CHECK(bench.cache.evicted.size() == 250);
        CHECK(bench.culler.counters().failed == 1);
    }
    SUBCASE("gone: it is forgotten, and nothing was won") {
        bench.cache.volume_verdict = Verdict::gone;
        const PassReport report = bench.run(wanted(0, 150));
        CHECK(report.objects == 150);
        CHECK(bench.cache.evicted.size() == 150);
        CHECK(bench.culler.counters().gone == 0); // 150 do not reach it
        CHECK(bench.run(wanted(0, 51)).objects == 51);
        CHECK(bench.cache.evicted.size() == 201);
        CHECK_FALSE(bench.index->volume(volumes.dead).has_value());
        CHECK(bench.culler.counters().gone == 50);
    }
    SUBCASE("lost") {
        bench.cache.volume_verdict = Verdict::lost;
        CHECK(bench.run(wanted(0, 250)).result == PassResult::lost);
        CHECK(bench.index->totals().objects == 300);
    }
    SUBCASE("pending") {
        bench.cache.volume_verdict = Verdict::pending;
        CHECK(bench.run(wanted(0, 250)).result == PassResult::stopped);
        CHECK(bench.index->totals().objects == 300);
    }
}

TEST_CASE("it can be stopped while it looks for the place in the order, and between volumes") {
    for (int allowed = 0; allowed < 5; ++allowed) {
        CullerBench bench({.batch = 100});
        const DeadAndAlive volumes(bench);
        int questions = 0;
        const PassReport report =
            bench.culler.run(wanted(0, 250), {}, 0, [&] { return ++questions <= allowed; });
        CHECK(report.result == PassResult::stopped);
        CHECK(bench.cache.evicted_volumes.size() == (allowed == 4 ? 1 : 0));
        CHECK(bench.cache.evicted.empty());
    }
}

TEST_CASE("by age, a dead volume goes as soon as its newest object is too old") {
    CullerBench bench;
    const DeadAndAlive volumes(bench);
    bench.run(wanted_before(bench.start - 5'000));
    CHECK(bench.cache.evicted_volumes.empty());
    CHECK(bench.index->volume(volumes.dead)->totals.objects == 1);
    const PassReport report = bench.run(wanted_before(bench.start - 4'999));
    CHECK(report.graveyard_objects == 1);
    CHECK(bench.cache.evicted_volumes == std::vector{volumes.dead});
}

TEST_CASE("whole volumes never change what goes: it stays the oldest prefix") {
    std::mt19937_64 random(99);
    std::size_t whole = 0;
    for (int round = 0; round < 60; ++round) {
        CullerBench bench({.batch = 1 + random() % 200});
        std::vector<index::VolumeId> volumes;
        std::vector<index::VolumeId> pinned;
        for (int v = 0; v < 8; ++v) {
            const std::string key = "volume" + std::to_string(v);
            volumes.push_back(random() % 4 ? bench.index->add_volume(key) : bench.add_mounted(key));
            if (random() % 6 == 0)
                pinned.push_back(volumes.back());
            const Seconds youngest = static_cast<Seconds>(random() % 1'000);
            for (std::uint64_t i = random() % 60; i > 0; --i) {
                const index::ObjectId id =
                    bench.add(volumes.back(), youngest + static_cast<Seconds>(random() % 100),
                              (random() % 100) * 4'096, static_cast<std::uint8_t>(random()));
                if (random() % 100 == 0)
                    bench.take(id, random() % 2);
            }
        }
        const std::vector<index::ObjectId> order = bench.order();
        const std::map<index::ObjectId, SimulatedCache::File> before = bench.cache.files;
        const std::uint64_t bytes = random() % 60'000'000;
        bench.run(wanted(bytes, random() % 200), pinned);
        whole += bench.cache.evicted_volumes.size();
        bool stayed = false; // an idle object that might have gone
        for (const index::ObjectId id : order) {
            const bool exempt = before.at(id).in_use || std::find(pinned.begin(), pinned.end(),
                                                                  id.volume()) != pinned.end();
            const bool there = bench.cache.files.contains(id);
            if (exempt) {
                REQUIRE(there);
                continue;
            }
            REQUIRE_FALSE((stayed && !there));
            stayed = there;
        }
        REQUIRE(bench.index->totals().objects == bench.cache.files.size());
    }
    CHECK(whole > 20); // the rounds are about something
}

TEST_SUITE_END();
