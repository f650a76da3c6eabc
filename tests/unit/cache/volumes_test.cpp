// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/cache/model_bench.hpp"

#include <doctest/doctest.h>

using namespace cachefiles;
using namespace cachefiles::tests;

namespace {

char state(const ModelBench& bench, std::size_t which = 0) {
    return static_cast<char>(bench.model.caches().at(which).state);
}

} // namespace

TEST_SUITE_BEGIN("cache::Model volumes and caches");

TEST_CASE("a volume of a live cache is attached at once, and pinned") {
    ModelBench bench;
    const auto volume = bench.volume();
    CHECK(volume->id == 1);
    const protocol::VolumeEntry entry = bench.model.volumes().at(0);
    CHECK(entry == protocol::VolumeEntry{.id = 1,
                                         .references = 1,
                                         .cookies = 0,
                                         .accesses = 1,
                                         .flags = 0,
                                         .cache = "cache",
                                         .key = "v"});
    CHECK(bench.model.caches().at(0) == protocol::CacheEntry{.id = 1,
                                                             .references = 2,
                                                             .volumes = 1,
                                                             .objects = 0,
                                                             .accesses = 1,
                                                             .state = protocol::CacheState::active,
                                                             .name = "cache"});
    CHECK(bench.cookie(volume)->id == 2);
    CHECK(bench.model.volumes().at(0).cookies == 1);
}

TEST_CASE("a volume without a cache is attached by the first lookup, once for all of them") {
    ModelBench bench(false);
    const auto volume = bench.volume();
    bench.bind();
    const auto one = bench.cookie(volume, "one");
    const auto two = bench.cookie(volume, "two");
    CHECK(bench.called("attach volume v") == 0);
    CHECK(bench.model.use(one, false) == std::errc{});
    CHECK(bench.model.use(two, false) == std::errc{});
    bench.executor.run();
    bench.executor.run();
    CHECK(bench.model.volumes().at(0).flags == 0x10);
    CHECK(bench.model.volumes().at(0).references == 4);
    CHECK(bench.entry(one).references == 2); // its worker waits
    bench.executor.run_all();
    CHECK(bench.called("attach volume v") == 1);
    CHECK(bench.state(one) == 'A');
    CHECK(bench.state(two) == 'A');
}

TEST_CASE("the same volume twice, and bad keys") {
    ModelBench bench;
    const auto volume = bench.volume();
    CHECK(bench.acquire_volume() == std::unexpected(std::errc::device_or_resource_busy));
    CHECK(bench.acquire_volume("") == std::unexpected(std::errc::invalid_argument));
    CHECK(bench.acquire_volume(std::string(256, 'v')) ==
          std::unexpected(std::errc::invalid_argument));
    CHECK(bench.acquire_volume(std::string(255, 'v')));
    CHECK(bench.model.relinquish_volume(volume, {}, false) == std::errc{});
    CHECK(bench.model.relinquish_volume(volume, {}, false) == std::errc::invalid_argument);
}

TEST_CASE("relinquishing passes the coherency data on, and lets the backend go") {
    ModelBench bench;
    const auto volume = bench.volume();
    CHECK(bench.model.relinquish_volume(volume, "newer", false) == std::errc{});
    bench.executor.run_all();
    CHECK(bench.disk.volumes.at("v") == "newer");
    CHECK(bench.disk.live_volumes == 0);
    CHECK(bench.model.volumes().empty());
    CHECK(bench.model.caches().at(0).references == 1);
}

TEST_CASE("a twin waits for the end of the old volume, however long") {
    ModelBench bench;
    const auto old = bench.volume();
    const auto cookie = bench.cookie(old);
    CHECK(bench.model.relinquish_volume(old, {}, true) == std::errc{});
    std::vector<cache::VolumePtr> got;
    bench.model.acquire_volume({"v", {}, {}}, [&](auto result) { got.push_back(*result); });
    bench.executor.run_all();
    CHECK(bench.model.volumes().at(0).flags == 0x07);
    CHECK(bench.model.volumes().at(1).flags == 0x08);
    CHECK(bench.acquire_volume() == std::unexpected(std::errc::device_or_resource_busy));
    bench.executor.advance(cache::Model::long_wait);
    bench.executor.run_all();
    CHECK(bench.model.counters().volume_collisions == 1);
    CHECK(got.empty());
    bench.relinquish(cookie);
    REQUIRE(got.size() == 1);
    CHECK(bench.model.volumes().size() == 1);
    CHECK(bench.model.volumes().at(0).flags == 0);
    CHECK(bench.disk.calls ==
          std::vector<std::string>{"attach volume v", "discard volume v", "attach volume v"});
}

TEST_CASE("relinquishing with INVALIDATE drops what is on the disk") {
    ModelBench bench;
    bench.put();
    auto volume = bench.volume();
    SUBCASE("at once") {
        CHECK(bench.model.relinquish_volume(volume, "newer", true) == std::errc{});
        bench.executor.run_all();
        CHECK(bench.called("discard volume v") == 1);
    }
    SUBCASE("after its cookies have gone") {
        const auto cookie = bench.cookie(volume);
        bench.use(cookie);
        CHECK(bench.model.relinquish_volume(volume, {}, true) == std::errc{});
        bench.executor.run_all();
        CHECK(bench.called("discard volume v") == 0);
        bench.unuse(cookie);
        bench.relinquish(cookie);
        CHECK(bench.disk.calls.back() == "discard volume v");
    }
    SUBCASE("at a withdrawal, if that comes before") {
        const auto cookie = bench.cookie(volume);
        bench.use(cookie);
        CHECK(bench.model.relinquish_volume(volume, {}, true) == std::errc{});
        CHECK(bench.withdraw());
        CHECK(bench.called("discard volume v") == 1);
        bench.unuse(cookie);
        bench.relinquish(cookie);
    }
    CHECK(bench.called("detach volume v") == 0);
    CHECK(bench.disk.files.empty());
    CHECK(bench.disk.volumes.empty());
    CHECK(bench.model.volumes().empty());
    CHECK(bench.disk.offences.empty());
}

TEST_CASE("INVALIDATE holds for a volume that was never attached, if there is a cache") {
    ModelBench bench(false);
    bench.put();
    const auto volume = bench.volume();
    SUBCASE("none: what is on the disk stays") {
        CHECK(bench.model.relinquish_volume(volume, {}, true) == std::errc{});
        bench.executor.run_all();
        CHECK(bench.disk.files.size() == 1);
    }
    SUBCASE("bound after it was acquired") {
        bench.bind();
        CHECK(bench.model.relinquish_volume(volume, {}, true) == std::errc{});
        bench.executor.run_all();
        CHECK(bench.disk.calls == std::vector<std::string>{"attach volume v", "discard volume v"});
        CHECK(bench.disk.files.empty());
    }
    SUBCASE("bound, and it cannot be attached") {
        bench.bind();
        bench.disk.no_volumes = true;
        CHECK(bench.model.relinquish_volume(volume, {}, true) == std::errc{});
        bench.executor.run_all();
    }
    CHECK(bench.model.volumes().empty());
}

TEST_CASE("a twin that did not wait long is not counted") {
    ModelBench bench;
    const auto old = bench.volume();
    CHECK(bench.model.relinquish_volume(old, {}, false) == std::errc{});
    CHECK(bench.acquire_volume());
    bench.executor.advance(cache::Model::long_wait);
    bench.executor.run_all();
    CHECK(bench.model.counters().volume_collisions == 0);
}

TEST_CASE("which record a name leads to") {
    ModelBench bench(false);
    cache::Model& model = bench.model;
    SUBCASE("a bind adopts the nameless one that volumes have") {
        const auto volume = bench.volume();
        CHECK(model.caches().at(0).name == "-");
        bench.bind("first");
        CHECK(bench.cache == volume->cache);
        CHECK(model.caches().size() == 1);
        CHECK(model.volumes().at(0).cache == "first");
    }
    SUBCASE("who does not care gets the first there is") {
        bench.bind("first");
        bench.bind("second");
        CHECK(bench.volume()->cache->name == "first");
    }
    SUBCASE("a name that nobody has yet is remembered while a volume has it") {
        cache::VolumePtr volume;
        model.acquire_volume({"v", "later", {}}, [&](auto result) { volume = *result; });
        bench.executor.run_all();
        bench.bind("other");
        CHECK(bench.cache != volume->cache);
        bench.bind("later");
        CHECK(bench.cache == volume->cache);
        CHECK(bench.withdraw());
        CHECK(model.caches().size() == 2);
        CHECK(model.relinquish_volume(volume, {}, false) == std::errc{});
        CHECK(model.caches().size() == 1);
    }
    SUBCASE("a record has one backend at a time") {
        bench.bind("first");
        CHECK(model.prepare_cache("first") == std::unexpected(std::errc::device_or_resource_busy));
        const cache::CachePtr other = model.prepare_cache("second").value();
        CHECK(state(bench, 1) == 'P');
        model.abandon_cache(other);
        CHECK(model.caches().size() == 1);
    }
}

TEST_CASE("withdrawal: objects, then volumes, then sync; then it can be bound anew") {
    ModelBench bench;
    const auto volume = bench.volume();
    const auto used = bench.cookie(volume, "used");
    const auto idle = bench.cookie(volume, "idle");
    bench.use(used);
    bench.use(idle);
    bench.unuse(idle);
    const cache::OperationPtr operation = bench.begun(used);
    bool done = false;
    bench.disk.calls.clear();
    CHECK(bench.model.withdraw_cache(bench.cache, [&done] { done = true; }));
    CHECK_FALSE(bench.model.withdraw_cache(bench.cache, {}));
    bench.executor.run_all();
    CHECK(state(bench) == 'W');
    CHECK_FALSE(done);
    CHECK(bench.disk.calls == std::vector<std::string>{"commit idle a"});
    CHECK(bench.refused(used));
    bench.model.end_operation(operation);
    bench.executor.run_all();
    CHECK(done);
    CHECK(bench.disk.calls ==
          std::vector<std::string>{"commit idle a", "commit used a", "detach volume v", "sync"});
    CHECK(state(bench) == '-');
    CHECK(bench.model.caches().at(0).accesses == 0);
    CHECK(bench.model.volumes().at(0).accesses == 0);
    CHECK(bench.model.counters().lru_dropped == 1);
    bench.bind();
    bench.use(used);
    CHECK(bench.state(used) == 'A');
}

TEST_CASE("withdrawal waits for a lookup under way, and no object comes after its sweep") {
    for (const std::string at : {"attach volume v", "look_up k", "create k"}) {
        CAPTURE(at);
        ModelBench bench(false);
        const auto volume = bench.volume();
        bench.bind();
        const auto cookie = bench.cookie(volume);
        bool done = false;
        bench.disk.hook = [&](const std::string& call) {
            if (call != at)
                return;
            CHECK(bench.model.withdraw_cache(bench.cache, [&done] { done = true; }));
            bench.executor.run_all();
            CHECK_FALSE(done);
        };
        bench.use(cookie);
        CHECK(done);
        CHECK(bench.state(cookie) == '-');
        CHECK(bench.entry(cookie).accesses == 0);
        CHECK(bench.disk.live_objects == 0);
        CHECK(bench.disk.live_volumes == 0);
        CHECK(bench.disk.offences.empty());
    }
}

TEST_CASE("withdrawal and the end of a volume at once") {
    ModelBench bench;
    const auto volume = bench.volume();
    bool done = false;
    SUBCASE("the volume first") {
        CHECK(bench.model.relinquish_volume(volume, {}, false) == std::errc{});
        CHECK(bench.model.withdraw_cache(bench.cache, [&done] { done = true; }));
    }
    SUBCASE("the volume first, but its job comes later") {
        CHECK(bench.model.relinquish_volume(volume, {}, false) == std::errc{});
        CHECK(bench.model.withdraw_cache(bench.cache, [&done] { done = true; }));
        bench.executor.run(1);
        CHECK_FALSE(done);
        CHECK(state(bench) == 'W');
        CHECK(bench.called("sync") == 0);
    }
    SUBCASE("the volume in the middle of being detached by the withdrawal") {
        bench.disk.hook = [&](const std::string& call) {
            if (call == "detach volume v")
                CHECK(bench.model.relinquish_volume(volume, {}, false) == std::errc{});
        };
        CHECK(bench.model.withdraw_cache(bench.cache, [&done] { done = true; }));
    }
    bench.executor.run_all();
    CHECK(done);
    CHECK(bench.called("detach volume v") == 1);
    CHECK(bench.model.caches().empty());
    CHECK(bench.disk.offences.empty());
}

TEST_CASE("how names and keys are shown") {
    ModelBench bench;
    cache::VolumePtr volume;
    bench.bind("a name of more than fifteen");
    bench.model.acquire_volume({"line\nbreak", "a name of more than fifteen", {}},
                               [&](auto result) { volume = *result; });
    bench.executor.run_all();
    CHECK(bench.model.volumes().at(0).cache == "a name of more");
    CHECK(bench.model.volumes().at(0).key == "line");
    const auto cookie = bench.cookie(volume, std::string("\0k", 2), std::string("\0a", 2));
    CHECK(bench.entry(cookie).key == std::string("\0k", 2));
    CHECK(bench.entry(cookie).aux == std::string("\0a", 2));
}

TEST_SUITE_END();
