// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/view/fullness.hpp"
#include "ctl/view/verdict.hpp"
#include "tests/unit/ctl/sample_snapshot.hpp"

#include <doctest/doctest.h>

using namespace cachefiles::ctl;
using Level = Verdict::Level;

namespace {

Verdict judged(void (*change)(CacheValues&)) {
    Snapshot snapshot = sample_snapshot();
    change(snapshot.caches.front());
    return judge(snapshot);
}

} // namespace

TEST_CASE("all is well") {
    const Verdict verdict = judge(sample_snapshot());
    CHECK(verdict.level == Level::ok);
    CHECK(verdict.why == "online, and there is room");
    CHECK(judged([](CacheValues& cache) {
              cache.culling = true;
              cache.reason = "max-size";
          }).why == "online; making room (max-size)");
}

TEST_CASE("what wants somebody's attention, and what he does first") {
    const Verdict paused = judged([](CacheValues& cache) { cache.paused = true; });
    CHECK(paused.level == Level::attention);
    CHECK(paused.next == "cachefilesctl resume");

    const Verdict filling = judged([](CacheValues& cache) { cache.in_step = false; });
    CHECK(filling.level == Level::attention);
    const Verdict lossy = judged([](CacheValues& cache) { cache.losses = 2; });
    CHECK(lossy.why == "the cache was lost 2 times since the daemon began");

    const Verdict small = judged([](CacheValues& cache) {
        cache.bytes = *cache.limits.max_size;
        cache.oldest_use = sample_now - 600 * sample_second;
    });
    CHECK(small.level == Level::attention);
    CHECK(small.why == "only what was used within the last 10min fits");
}

TEST_CASE("a stall names what is in the way") {
    const auto stalled = [](void (*change)(CacheValues&)) {
        Snapshot snapshot = sample_snapshot();
        CacheValues& cache = snapshot.caches.front();
        cache.stalled = cache.culling = true;
        cache.reason = "max-size";
        change(cache);
        return judge(snapshot);
    };
    CHECK(stalled([](CacheValues& cache) { cache.objects_in_use = cache.objects; }).next ==
          "1,234,567 of 1,234,567 objects are in use: close files, or unmount");
    CHECK(stalled([](CacheValues& cache) { cache.bytes = 140ULL << 30; }).next ==
          "130.0 GiB are pinned: cachefilesctl unpin VOLUME");
    CHECK(stalled([](CacheValues& cache) { cache.limits.min_age = 60; }).next ==
          "cachefilesctl ages; then lower it: cachefilesctl limits min-age=none");
    const Verdict full = stalled([](CacheValues& cache) { cache.free_bytes = 0; });
    CHECK(full.level == Level::trouble);
    CHECK(full.why == "room is wanted (max-size), and nothing can be culled; nothing is stored");
}

TEST_CASE("trouble") {
    CHECK(judged([](CacheValues& cache) { cache.state = "lost"; }).level == Level::trouble);
    CHECK(judged([](CacheValues& cache) { cache.state = "stopping"; }).level == Level::trouble);
    CHECK(judged([](CacheValues& cache) { cache.free_files = 1; }).why ==
          "the disk is full: nothing is stored until there is room");
    Snapshot none = sample_snapshot();
    none.caches.clear();
    CHECK(judge(none).level == Level::trouble);
    none.backend = "device"; // the cache is another daemon's to administer
    CHECK(judge(none).level == Level::ok);
}

TEST_CASE("of several caches the worst, with its name; failed jobs count") {
    Snapshot snapshot = sample_snapshot();
    snapshot.caches.push_back(snapshot.caches.front());
    snapshot.caches.back().tag = "other";
    snapshot.caches.back().state = "lost";
    CHECK(judge(snapshot).why.starts_with("other: the cache is lost"));

    snapshot = sample_snapshot();
    JobValues job;
    job.path = "/org/cachefiles1/job/7";
    job.kind = "cull";
    job.state = "failed";
    job.message = "no luck";
    snapshot.jobs.push_back(job);
    CHECK(judge(snapshot).why == "job 7 (cull) failed: no luck");
}

TEST_CASE("the nearest limit comes first") {
    CacheValues cache = sample_snapshot().caches.front();
    CHECK(fullness(cache).front().limit == "max-size");
    CHECK(fullness(cache).front().fraction == doctest::Approx(0.625));
    CHECK(describe(fullness(cache).front()) == "640.0 GiB of 1.0 TiB");
    cache.free_files = 500'000; // of 10 million: fcull is 5 %
    CHECK(fullness(cache).front().limit == "fcull");
    CHECK(fullness(cache).front().fraction == 1);
    cache.limits.min_free = 1100ULL << 30;
    CHECK(fullness(cache).front().limit == "min-free");
    cache.limits = {};
    cache.space_bytes = cache.space_files = 0;
    CHECK(fullness(cache).empty());
    CHECK(!below_stop(cache));
}
