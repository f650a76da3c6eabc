// SPDX-License-Identifier: GPL-2.0-or-later
// The watch, the culler and a simulated disk together, as the daemon puts them.
#include "cull/backoff.hpp"
#include "tests/unit/cull/culler_bench.hpp"

#include <doctest/doctest.h>

#include <random>

namespace {

using namespace cachefiles;
using namespace cachefiles::tests;
using namespace cachefiles::cull;

constexpr std::uint64_t block = SimulatedCache::block_size;

class Room final {
public:
    CullerBench bench;
    SpaceWatch watch;

    explicit Room(const Limits& limits) : bench({.batch = 256}), watch(limits) {
        bench.cache.total_blocks = 100'000;
    }

    Demand assess(bool culling = false) {
        return watch.assess(bench.cache.look(), bench.index->totals(), bench.index->volumes(),
                            bench.clock.now(), culling, bench.cache.graveyard_bytes);
    }

    /// Passes until nothing is wanted or nothing more can be done. Returns how many.
    int make_room() {
        int passes = 0;
        for (Demand demand = assess(); demand.any(); demand = assess()) {
            ++passes;
            REQUIRE(passes < 100);
            last = bench.run(demand, watch.pinned(bench.index->volumes()), watch.limits().min_age);
            if (last.result != PassResult::satisfied)
                break;
        }
        return passes;
    }

    [[nodiscard]] std::uint64_t free_blocks() { return bench.cache.look().free_blocks; }

    PassReport last;
};

} // namespace

TEST_SUITE_BEGIN("cull: making room");

TEST_CASE("a disk that fills is brought back to run, each time in one pass") {
    Room room({});
    const index::VolumeId volume = room.bench.add_mounted("v");
    std::mt19937_64 random(3);
    int culled = 0;
    for (int i = 0; i < 4'000; ++i) {
        room.bench.clock.advance(std::chrono::seconds(1));
        room.bench.add(volume, -i - 1, (random() % 200) * block);
        const int passes = room.make_room();
        CHECK(passes <= 1);
        culled += passes;
        if (passes > 0) {
            CHECK(room.free_blocks() >= 7'000);
            CHECK(room.free_blocks() <= 7'000 + 2'000 / 128 + 200);
        }
        CHECK(room.free_blocks() + 200 >= 5'000);
    }
    CHECK(culled > 50);
}

TEST_CASE("what is in the graveyard counts, so that nothing goes in its stead") {
    Room room({});
    const index::VolumeId dead = room.bench.index->add_volume("dead");
    const index::VolumeId alive = room.bench.add_mounted("alive");
    for (int i = 0; i < 96; ++i)
        room.bench.add(i < 10 ? dead : alive, 1'000 - i, 1'000 * block);
    CHECK(room.make_room() == 1);
    CHECK(room.bench.cache.evicted.size() == 4); // 4,000 of 7,000 blocks are free
    room.bench.add(dead, 5'000, 1);
    CHECK(room.make_room() == 0);

    // Now the dead volume goes: its six thousand blocks are on their way.
    for (int i = 0; i < 7; ++i)
        room.bench.add(alive, 0, 1'000 * block);
    room.make_room();
    CHECK(room.bench.cache.evicted_volumes == std::vector{dead});
    const std::uint64_t before = room.bench.cache.files.size();
    CHECK(room.make_room() == 0);
    CHECK(room.assess(false).reason == Reason::none);
    room.bench.cache.graveyard_bytes = 0;
    CHECK(room.make_room() == 0);
    CHECK(room.bench.cache.files.size() == before);
}

TEST_CASE("max_size below what is pinned stalls, and costs nothing while it does") {
    Limits limits;
    limits.max_size = 10 * block;
    limits.volumes.resize(1);
    limits.volumes[0].match = "pinned";
    limits.volumes[0].pin = true;
    Room room(limits);
    const index::VolumeId pinned = room.bench.add_mounted("pinned");
    const index::VolumeId other = room.bench.add_mounted("other");
    for (int i = 0; i < 20; ++i) {
        room.bench.add(pinned, 1'000 + i);
        room.bench.add(other, i);
    }
    Backoff backoff;
    int passes = 0;
    for (int second = 0; second < 600; ++second) {
        room.bench.clock.advance(std::chrono::seconds(1));
        if (!backoff.may_try(room.bench.clock.monotonic()))
            continue;
        passes += room.make_room();
        CHECK(room.last.result == PassResult::stalled);
        backoff.stalled(room.bench.clock.monotonic());
    }
    CHECK(passes < 20);
    CHECK(room.bench.cache.tries == 20);
    CHECK(room.bench.index->volume(pinned)->totals.objects == 20);
}

TEST_CASE("max_size, volume limits and max_age are all reached in the end") {
    Limits limits;
    limits.max_size = 2'000 * block;
    limits.max_age = 3'000;
    limits.volumes.resize(2);
    limits.volumes[0].match = "small*";
    limits.volumes[0].max_files = 100;
    limits.volumes[1].match = "brief";
    limits.volumes[1].max_age = 50;
    Room room(limits);
    std::vector<index::VolumeId> volumes;
    for (const char* key : {"small1", "small2", "brief", "other"})
        volumes.push_back(room.bench.add_mounted(key));
    for (int age = 1; age <= 4'000; ++age)
        room.bench.add(volumes[static_cast<std::size_t>(age) % 4], age, block);
    room.make_room();
    CHECK(room.bench.index->totals().bytes <= 1'900 * block);
    CHECK(room.bench.index->volume(volumes[0])->totals.objects == 95);
    CHECK(room.bench.index->volume(volumes[1])->totals.objects == 95);
    CHECK(room.bench.index->volume(volumes[2])->totals.objects == 13);
    for (const auto& [id, file] : room.bench.cache.files)
        CHECK(file.last_use >= room.bench.start - 3'000);
}

TEST_SUITE_END();
