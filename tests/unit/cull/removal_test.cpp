// SPDX-License-Identifier: GPL-2.0-or-later
#include "cull/removal.hpp"
#include "tests/unit/cull/culler_bench.hpp"

#include <doctest/doctest.h>

#include <random>

namespace {

using namespace cachefiles;
using namespace cachefiles::tests;
using namespace cachefiles::cull;

struct Ended {
    PassResult result = PassResult::satisfied;
    Removal::Progress progress;
    Removal::Buried buried;
    int steps = 0;
};

Ended work_off(
    CullerBench& bench, const RemovalRequest& request,
    const std::function<bool()>& go_on = [] { return true; }) {
    Removal removal(bench.culler, *bench.index, bench.clock, request);
    Ended ended;
    std::optional<PassResult> end;
    while (!end) {
        end = removal.step(go_on);
        ++ended.steps;
        const Removal::Buried buried = removal.take_buried();
        ended.buried.objects += buried.objects;
        ended.buried.bytes += buried.bytes;
        CHECK(removal.progress().permyriad <= 10'000);
    }
    ended.result = *end;
    ended.progress = removal.progress();
    return ended;
}

RemovalRequest dry(RemovalRequest request) {
    request.dry_run = true;
    return request;
}

/// Volumes of which some are mounted and some have a pin, and objects of which some are in use,
/// with or without the index knowing it.
struct RandomCache {
    CullerBench bench;
    std::vector<index::VolumeId> volumes;

    explicit RandomCache(std::mt19937& random) : bench({.batch = 16}) {
        for (int i = 0; i < 6; ++i) {
            const std::string key = "v" + std::to_string(i);
            volumes.push_back(i % 2 == 0 ? bench.add_mounted(key) : bench.index->add_volume(key));
        }
        bench.index->pin("v2", true);
        bench.index->pin("v3", true);
        for (int i = 0; i < 300; ++i) {
            const bool old = random() % 4 == 0; // so that whole volumes may go
            const std::size_t volume = old ? 1 : random() % volumes.size();
            const index::ObjectId id =
                bench.add(volumes[volume], (old ? 5'000 : 0) + random() % 1'000,
                          4096 * (1 + random() % 8), static_cast<std::uint8_t>(random() % 4));
            if (random() % 10 == 0 && volume != 1)
                bench.take(id, random() % 2 == 0);
        }
    }

    [[nodiscard]] RemovalRequest request(std::mt19937& random) const {
        RemovalRequest request;
        if (random() % 2 == 0)
            request.bytes = random() % 2'000'000;
        if (random() % 2 == 0)
            request.objects = random() % 200;
        if (random() % 3 == 0)
            request.used_before = bench.start - static_cast<Seconds>(random() % 1'000);
        if (random() % 4 == 0)
            request.min_age = static_cast<Seconds>(random() % 500);
        if (random() % 4 == 0)
            request.only = volumes[random() % volumes.size()];
        if (random() % 4 == 0)
            request.except = {volumes[random() % volumes.size()]};
        if (random() % 5 == 0) {
            request.everything = true;
            request.min_age = 0;
            request.pinned_too = request.only != 0;
        }
        return request;
    }

    [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> held() const {
        std::uint64_t bytes = 0;
        for (const auto& [id, file] : bench.cache.files)
            bytes += file.bytes;
        return {bench.cache.files.size(), bytes};
    }
};

} // namespace

TEST_SUITE_BEGIN("cull: removal on request");

TEST_CASE("a dry run says what a real one then removes") {
    std::uint64_t removed = 0, volumes = 0;
    for (unsigned seed = 0; seed < 150; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        RandomCache cache(random);
        const RemovalRequest request = cache.request(random);
        const auto before = cache.held();
        const Ended said = work_off(cache.bench, dry(request));
        CHECK(cache.held() == before);
        CHECK(cache.bench.cache.tries == 0);
        const Ended done = work_off(cache.bench, request);
        CHECK(done.progress.objects == said.progress.objects);
        CHECK(done.progress.bytes == said.progress.bytes);
        CHECK(done.progress.busy == said.progress.busy);
        CHECK(said.progress.permyriad == 10'000);
        CHECK(done.progress.permyriad == 10'000);
        const auto after = cache.held();
        CHECK(before.first - after.first == done.progress.objects);
        CHECK(before.second - after.second == done.progress.bytes);
        CHECK(cache.bench.index->totals().objects == after.first);
        CHECK(cache.bench.index->verify().empty());
        removed += done.progress.objects;
        volumes += cache.bench.cache.evicted_volumes.size();
    }
    CHECK(removed > 1'000);
    CHECK(volumes > 5); // also those that went as a whole
}

TEST_CASE("what goes is the oldest, and no more than was asked for") {
    CullerBench bench;
    const index::VolumeId volume = bench.add_mounted("v");
    for (int i = 0; i < 100; ++i)
        bench.add(volume, 1'000 - i);
    const std::vector<index::ObjectId> order = bench.order();
    const Ended ended = work_off(bench, {.bytes = 9 * 4096 + 1, .objects = 7});
    CHECK(ended.result == PassResult::satisfied);
    CHECK(ended.progress.objects == 10);
    CHECK(as_set(bench.cache.evicted) ==
          std::set<index::ObjectId>(order.begin(), order.begin() + 10));

    // What is old, and beyond it what makes up the amount: two are older than that, then 15.
    CHECK(work_off(bench, {.objects = 5, .used_before = bench.start - 988}).progress.objects == 5);
    CHECK(work_off(bench, {.objects = 5, .used_before = bench.start - 970}).progress.objects == 15);
    CHECK(as_set(bench.cache.evicted) ==
          std::set<index::ObjectId>(order.begin(), order.begin() + 30));
}

TEST_CASE("a request that cannot be met takes what there is, and is no stall") {
    CullerBench bench;
    const index::VolumeId volume = bench.add_mounted("v");
    bench.take(bench.add(volume, 100), false);
    bench.add(volume, 50);
    const Ended ended = work_off(bench, {.objects = 2});
    CHECK(ended.result == PassResult::stalled);
    CHECK(ended.progress.objects == 1);
    CHECK(bench.culler.counters().stalls == 0);
    CHECK_FALSE(bench.log.contains("stalled"));
}

TEST_CASE("a purge leaves what is in use, and pinned volumes unless one is named") {
    CullerBench bench;
    const index::VolumeId pinned = bench.add_mounted("pinned");
    const index::VolumeId other = bench.index->add_volume("other");
    const index::VolumeId used = bench.add_mounted("used");
    bench.index->pin("pinned", true);
    for (int i = 0; i < 10; ++i) {
        for (const index::VolumeId volume : {pinned, other, used})
            bench.add(volume, i);
    }
    bench.take(bench.add(used, 0), false);
    const Ended all = work_off(bench, {.everything = true});
    CHECK(all.progress.objects == 20);
    CHECK(bench.log.contains("culling started (request): all of it"));
    CHECK(all.progress.busy == 1);
    CHECK(all.buried.objects == 10);
    CHECK(bench.cache.evicted_volumes == std::vector{other});
    CHECK(bench.index->volume(pinned)->totals.objects == 10);
    const Ended named = work_off(bench, {.everything = true, .only = pinned, .pinned_too = true});
    CHECK(named.progress.objects == 10);
    CHECK(bench.cache.files.size() == 1);
}

TEST_CASE("a purge ends, also while objects go on being made") {
    CullerBench bench({.batch = 8});
    const index::VolumeId volume = bench.add_mounted("v");
    for (int i = 0; i < 100; ++i)
        bench.add(volume, i);
    bench.cache.after_batch = [&] {
        bench.clock.advance(std::chrono::seconds(1));
        for (int i = 0; i < 16; ++i)
            bench.add(volume, bench.start - bench.clock.now() - 2); // used in the future
    };
    const Ended ended = work_off(bench, {.everything = true});
    CHECK(ended.progress.objects == 100);
    CHECK(bench.cache.files.size() % 16 == 0);
}

TEST_CASE("one that is stopped keeps what it has done, and the index agrees") {
    CullerBench bench({.batch = 8});
    const index::VolumeId volume = bench.add_mounted("v");
    for (int i = 0; i < 100; ++i)
        bench.add(volume, i);
    const Ended ended =
        work_off(bench, {.everything = true}, [&] { return bench.cache.batches.size() < 3; });
    CHECK(ended.result == PassResult::stopped);
    CHECK(ended.progress.objects == 24);
    CHECK(bench.index->totals().objects == bench.cache.files.size());
    CHECK(bench.cache.files.size() == 76);
}

TEST_CASE("a pin that comes in the middle holds from the next batch on") {
    CullerBench bench({.batch = 8});
    const index::VolumeId volume = bench.add_mounted("v");
    for (int i = 0; i < 100; ++i)
        bench.add(volume, i);
    bench.cache.after_batch = [&] {
        bench.index->pin("v", true);
    };
    SUBCASE("of a request") {
        CHECK(work_off(bench, {.everything = true}).progress.objects == 8);
    }
    SUBCASE("of a pass that room is wanted of") {
        CHECK(bench.run(wanted(0, 50)).objects == 8);
    }
    CHECK(bench.cache.files.size() == 92);
}

TEST_CASE("a volume with a pin is not evicted as a whole") {
    CullerBench bench;
    const index::VolumeId dead = bench.index->add_volume("dead");
    const index::VolumeId alive = bench.add_mounted("alive");
    bench.index->pin("dead", true);
    for (int i = 0; i < 10; ++i) {
        bench.add(dead, 1'000 + i);
        bench.add(alive, i);
    }
    CHECK(bench.run(wanted(0, 10)).result == PassResult::satisfied);
    CHECK(bench.cache.evicted_volumes.empty());
    CHECK(bench.index->volume(dead)->totals.objects == 10);
    bench.index->pin("dead", false);
    CHECK(bench.run(wanted(0, 10)).result == PassResult::satisfied);
    CHECK(bench.cache.evicted_volumes == std::vector{dead});
}

TEST_CASE("a cache that is lost ends it") {
    CullerBench bench;
    bench.add(bench.add_mounted("v"), 1);
    bench.cache.dead = true;
    CHECK(work_off(bench, {.everything = true}).result == PassResult::lost);
}

TEST_CASE("what happens is told: started and finished, also of one that is given up") {
    std::vector<CullEvent> events;
    CullerBench bench({.batch = 8, .changed = [&](const CullEvent& event) {
                           events.push_back(event);
                       }});
    const index::VolumeId volume = bench.add_mounted("v");
    for (int i = 0; i < 40; ++i)
        bench.add(volume, i);
    work_off(bench, dry({.everything = true}));
    CHECK(events.empty());
    {
        Removal removal(bench.culler, *bench.index, bench.clock, {.everything = true});
        while (removal.progress().objects == 0)
            CHECK_FALSE(removal.step([] { return true; }));
        bench.run({}); // nothing is wanted for the limits
        CHECK(events.size() == 1);
    }
    REQUIRE(events.size() == 2);
    CHECK(events[0].kind == CullEvent::Kind::started);
    CHECK(events[1].kind == CullEvent::Kind::finished);
    CHECK(events[1].reason == Reason::request);
    CHECK(events[1].objects == 8);
    CHECK(events[1].bytes == 8 * 4096);
}

TEST_SUITE_END();
