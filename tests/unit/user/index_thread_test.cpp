// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/user/index_thread.hpp"
#include "tests/unit/tree/sample_cache.hpp"

#include <doctest/doctest.h>

#include <future>

using namespace cachefiles;
using namespace cachefiles::daemon;
using namespace cachefiles::tests;

namespace {

/// One life of the daemon: compares, lets `work` change the cache, and ends.
ReconcileReport life(SampleCache& cache, bool clean,
                     const std::function<void(IndexThread&)>& work = {}) {
    Reconciler reconciler({*cache.tree, *cache.index, cache.clock, cache.log, 1});
    std::promise<void> compared;
    IndexThread thread({*cache.index, *cache.tree, reconciler, cache.clock, cache.log, [&compared] {
                            compared.set_value();
                        }});
    thread.start();
    compared.get_future().wait();
    CHECK(thread.knows_tree());
    if (work)
        work(thread);
    thread.stop(clean);
    return thread.status().last;
}

/// As the store does it.
void make(SampleCache& cache, IndexThread& thread, const std::string& key) {
    cache.add("v", key, 1'000'000);
    const index::DirectoryId directory{cache.index->add_volume("v"), SampleCache::fanout("v", key)};
    cache.index->put(directory, "D" + key, {4096, 1'000'000});
    thread.changed(directory);
}

} // namespace

TEST_CASE("index thread: after a clean end nothing is read, after a crash what changed") {
    SampleCache cache;
    for (int i = 0; i < 20; ++i)
        cache.add("v", "key" + std::to_string(i), 1'000'000);
    cache.settle("v");
    CHECK(life(cache, true).objects_read == 20);
    CHECK(life(cache, true).directories_read == 0);

    life(cache, true, [&](IndexThread& thread) { make(cache, thread, "one more"); });
    CHECK(life(cache, true).directories_read == 0);
    CHECK(cache.index->totals().objects == 21);

    life(cache, true, [&](IndexThread& thread) {
        const index::VolumeId made = cache.index->add_volume("made by us");
        std::filesystem::create_directories(cache.cache() / "Imade by us" / "@00");
        CHECK(made != 0);
        thread.changed({cache.index->add_volume("v"), 0});
    });
    CHECK(life(cache, true).directories_read == 0); // also of what is empty

    life(cache, false, [&](IndexThread& thread) { make(cache, thread, "the last"); });
    CHECK(life(cache, true).directories_read == 1);
    CHECK(cache.index->totals().objects == 22);
}
