// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/cache/model_bench.hpp"

#include <doctest/doctest.h>

using namespace cachefiles;
using namespace cachefiles::tests;
using cache::Want;

// The rows of fscache-model.md section 2, and the flags that were seen in section 1.4.

TEST_SUITE_BEGIN("cache::Model states");

TEST_CASE("a fresh cookie is quiescent") {
    ModelBench bench;
    const auto volume = bench.volume();
    const auto empty = bench.cookie(volume, "empty");
    const auto full = bench.cookie(volume, "full", "a", 5);
    CHECK(bench.state(empty) == '-');
    CHECK(bench.flags(empty) == 0x4008);
    CHECK(bench.flags(full) == 0x4000);
    CHECK(bench.entry(full).references == 1);
    CHECK(bench.called("look_up empty") == 0);
}

TEST_CASE("- L C A: a use looks up, and a new object is made") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    CHECK(bench.states == "LCA");
    CHECK(bench.flags(cookie) == 0x413c);
    CHECK(bench.entry(cookie).users == 1);
    CHECK(bench.entry(cookie).accesses == 0);
    CHECK(bench.entry(cookie).references == 2);
}

TEST_CASE("- L A: an object that was there is used") {
    ModelBench bench;
    const auto volume = bench.volume();
    bench.put("k", "a", 5);
    const auto cookie = bench.cookie(volume, "k", "a", 5);
    bench.use(cookie);
    CHECK(bench.states == "LA");
    CHECK(bench.flags(cookie) == 0x4124);
}

TEST_CASE("- stays: no cache; the use counts, and a later one looks up") {
    ModelBench bench(false);
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    CHECK(bench.states.empty());
    CHECK(bench.entry(cookie).users == 1);
    CHECK(bench.refused(cookie));
    bench.bind();
    CHECK(bench.refused(cookie));
    bench.use(cookie);
    CHECK(bench.states == "LCA");
}

TEST_CASE("L -: the volume could not be attached; the next use tries again") {
    ModelBench bench;
    bench.disk.no_volumes = true;
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    CHECK(bench.states == "L-");
    CHECK(bench.entry(cookie).accesses == 0);
    CHECK(bench.model.volumes().at(0).accesses == 0);
    bench.disk.no_volumes = false;
    bench.use(cookie);
    CHECK(bench.states == "L-LCA");
}

TEST_CASE("L -: an invalidation that was to follow the lookup is not forgotten") {
    ModelBench bench;
    bench.put();
    bench.disk.no_volumes = true;
    const auto cookie = bench.cookie(bench.volume());
    CHECK(bench.model.use(cookie, false) == std::errc{});
    bench.invalidate(cookie);
    CHECK(bench.entry(cookie).accesses == 2);
    bench.executor.run_all();
    CHECK(bench.states == "L-");
    CHECK(bench.entry(cookie).accesses == 0);
    bench.disk.no_volumes = false;
    bench.use(cookie);
    CHECK(bench.states == "L-LIA");
}

TEST_CASE("L F W -: a failed lookup, and in the same run it is quiescent") {
    ModelBench bench;
    bench.disk.no_lookups = true;
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    CHECK(bench.states == "LFW-");
    CHECK(bench.flags(cookie) == 0x4028);
    CHECK(bench.refused(cookie));
    CHECK(bench.model.caches().at(0).objects == 0);
    bench.disk.no_lookups = false;
    bench.use(cookie);
    CHECK(bench.states == "LFW-LCA"); // and nothing of the first try is left to withdraw it
}

TEST_CASE("C F: creation fails; an operation delays the rest") {
    ModelBench bench;
    bench.disk.no_creation = true;
    const auto cookie = bench.cookie(bench.volume());
    ModelBench::Begun begun;
    bench.disk.hook = [&](const std::string& call) {
        if (call == "create k")
            begun = bench.begin(cookie);
    };
    bench.use(cookie);
    bench.disk.hook = nullptr;
    CHECK(bench.states == "LCF");
    const cache::OperationPtr operation = begun->value().value();
    CHECK(bench.model.file(operation) == nullptr);
    const auto waited = bench.wait(operation, Want::read);
    bench.executor.run_all();
    CHECK(waited->value() == false);
    bench.model.end_operation(operation);
    bench.executor.run_all();
    CHECK(bench.states == "LCFW-");
}

TEST_CASE("L I A: invalidated during the lookup") {
    ModelBench bench;
    bench.put();
    const auto cookie = bench.cookie(bench.volume());
    bench.disk.hook = [&](const std::string& call) {
        if (call == "look_up k")
            bench.invalidate(cookie);
    };
    bench.use(cookie);
    CHECK(bench.states == "LIA");
    CHECK(bench.entry(cookie).accesses == 0);
    CHECK(bench.flags(cookie) == 0x413c);
}

TEST_CASE("C I A: invalidated during the lookup, and nothing was there") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    bench.disk.hook = [&](const std::string& call) {
        if (call == "look_up k")
            bench.invalidate(cookie);
    };
    bench.use(cookie);
    CHECK(bench.states == "LCIA");
    CHECK(bench.entry(cookie).accesses == 0);
}

TEST_CASE("L F: the pending invalidation's access is released") {
    ModelBench bench;
    bench.put();
    bench.disk.no_lookups = true;
    const auto cookie = bench.cookie(bench.volume());
    CHECK(bench.model.use(cookie, false) == std::errc{});
    bench.invalidate(cookie);
    bench.invalidate(cookie);
    bench.executor.run_all();
    CHECK(bench.states == "LFW-");
    CHECK(bench.entry(cookie).accesses == 0);
    bench.disk.no_lookups = false;
    bench.use(cookie);
    CHECK(bench.states == "LFW-LIA");
}

TEST_CASE("A I A: invalidated") {
    ModelBench bench;
    bench.put();
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    bench.invalidate(cookie, "b");
    CHECK(bench.entry(cookie).accesses == 1);
    bench.executor.run_all();
    CHECK(bench.states == "LAIA");
    CHECK(bench.flags(cookie) == 0x413c);
}

TEST_CASE("A I F: it fails, and stays so until the cookie goes") {
    ModelBench bench;
    bench.put("k", "a", 5);
    const auto cookie = bench.cookie(bench.volume(), "k", "a", 5);
    bench.use(cookie);
    bench.disk.no_invalidation = true;
    bench.invalidate(cookie, "b", 5);
    bench.executor.run_all();
    CHECK(bench.states == "LAIF");
    CHECK(bench.flags(cookie) == 0x4128);
    bench.use(cookie);
    bench.unuse(cookie);
    bench.unuse(cookie);
    bench.expire();
    CHECK(bench.states == "LAIF");
    bench.relinquish(cookie);
    CHECK(bench.states == "LAIFRD");
    CHECK(bench.disk.calls.back() == "retire k b");
}

TEST_CASE("A U -: idle for 10 seconds") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    bench.unuse(cookie);
    CHECK(bench.entry(cookie).references == 3);
    bench.executor.advance(cache::Lru::default_timeout - std::chrono::nanoseconds(1));
    bench.executor.run_all();
    CHECK(bench.states == "LCA");
    bench.executor.advance(std::chrono::nanoseconds(1));
    bench.executor.run_all();
    CHECK(bench.states == "LCAU-");
    CHECK(bench.flags(cookie) == 0x402c);
    CHECK(bench.disk.calls.back() == "commit k a");
    CHECK(bench.entry(cookie).references == 1);
    bench.use(cookie);
    CHECK(bench.states == "LCAU-LA");
}

TEST_CASE("A R D: relinquished; its key is free, and its record goes") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    bench.unuse(cookie);
    bench.relinquish(cookie);
    CHECK(bench.states == "LCARD");
    CHECK(bench.disk.calls.back() == "commit k a");
    CHECK(bench.model.cookies().empty());
    CHECK(bench.model.counters().drops == 1);
    CHECK(bench.model.counters().lru_dropped == 1);
}

TEST_CASE("- R D: relinquished after it was discarded") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    bench.unuse(cookie);
    bench.expire();
    bench.relinquish(cookie);
    CHECK(bench.states == "LCAU-RD");
    CHECK(bench.called("look_up k") == 1);
}

TEST_CASE("- D: never cached") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    CHECK(bench.model.relinquish_cookie(cookie, true) == std::errc{});
    CHECK(bench.states == "D");
    CHECK(bench.model.cookies().empty());
    CHECK(bench.executor.pending() == 0);
}

TEST_CASE("A W -: the cache goes away from under a user") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    CHECK(bench.withdraw());
    CHECK(bench.states == "LCAW-");
    CHECK(bench.entry(cookie).users == 1);
    CHECK(bench.refused(cookie));
}

TEST_CASE("R before W, when both are asked for") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    bench.unuse(cookie);
    const cache::OperationPtr operation = bench.begun(cookie);
    CHECK(bench.model.withdraw_cache(bench.cache, {}));
    bench.executor.run_all();
    CHECK(bench.flags(cookie) == (0x413c ^ 0x100) + 0x400);
    bench.relinquish(cookie);
    CHECK(bench.states == "LCA");
    bench.model.end_operation(operation);
    bench.executor.run_all();
    CHECK(bench.states == "LCARD");
    CHECK(static_cast<char>(bench.model.caches().at(0).state) == '-');
}

TEST_CASE("relinquished in every state in which there may be no user") {
    for (const std::string at : {"attach volume v", "look_up k", "create k"}) {
        CAPTURE(at);
        ModelBench bench;
        cache::CookiePtr cookie;
        bench.disk.no_volumes = true;
        const auto volume = bench.volume();
        bench.disk.no_volumes = false;
        cookie = bench.cookie(volume);
        bench.disk.hook = [&](const std::string& call) {
            if (call != at)
                return;
            CHECK(bench.model.unuse(cookie, {}, {}) == std::errc{});
            CHECK(bench.model.relinquish_cookie(cookie, false) == std::errc{});
        };
        bench.use(cookie);
        CHECK(bench.states == "LCARD");
        CHECK(bench.model.cookies().empty());
        CHECK(bench.disk.live_objects == 0);
    }
}

TEST_CASE("relinquished before its lookup has begun, with an operation that waits for it") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    CHECK(bench.model.use(cookie, false) == std::errc{});
    const ModelBench::Begun begun = bench.begin(cookie);
    CHECK(bench.model.unuse(cookie, {}, {}) == std::errc{});
    bench.relinquish(cookie);
    CHECK(bench.states == "LCA");
    bench.model.end_operation(begun->value().value());
    bench.executor.run_all();
    CHECK(bench.states == "LCARD");
}

TEST_CASE("relinquished while it is being discarded: in the same run, unhashed once") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    bench.unuse(cookie);
    bench.disk.hook = [&](const std::string& call) {
        if (call == "commit k a")
            CHECK(bench.model.relinquish_cookie(cookie, false) == std::errc{});
    };
    bench.expire();
    CHECK(bench.states == "LCAU-RD");
    CHECK(bench.model.counters().drops == 1);
    CHECK(bench.called("commit k a") == 1);
}

TEST_CASE("what misuses a cookie is refused") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    CHECK(bench.model.unuse(cookie, {}, {}) == std::errc::invalid_argument);
    bench.use(cookie);
    CHECK(bench.model.relinquish_cookie(cookie, false) == std::errc::device_or_resource_busy);
    bench.unuse(cookie);
    bench.relinquish(cookie);
    CHECK(bench.model.relinquish_cookie(cookie, false) == std::errc::invalid_argument);
    CHECK(bench.model.use(cookie, false) == std::errc::invalid_argument);
    CHECK(cookie->users == 0);
    CHECK(bench.refused(cookie));
    bench.invalidate(cookie);
    CHECK(bench.states == "LCARD");
    CHECK(bench.log.lines().size() == 5);
}

TEST_SUITE_END();
