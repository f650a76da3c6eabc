// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/cache/model_bench.hpp"

#include <doctest/doctest.h>

using namespace cachefiles;
using namespace cachefiles::tests;

TEST_SUITE_BEGIN("cache::Model use");

TEST_CASE("the first modifying use of what existed marks it, before and after") {
    ModelBench bench;
    bench.put("k", "a", 5);
    const auto cookie = bench.cookie(bench.volume(), "k", "a", 5);
    bench.use(cookie);
    CHECK(bench.called("prepare k") == 0);
    bench.use(cookie, true);
    bench.use(cookie, true);
    CHECK(bench.called("prepare k") == 1);
    CHECK(bench.flags(cookie) == 0x41a4);
}

TEST_CASE("a new object needs no mark") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    bench.use(cookie, true);
    CHECK(bench.called("prepare k") == 0);
    CHECK(bench.flags(cookie) == 0x41bc);
}

TEST_CASE("a modifying use at any time before the object was found marks it, too") {
    for (const std::string at : {"", "attach volume v", "look_up k"}) {
        CAPTURE(at);
        ModelBench bench;
        bench.put();
        bench.disk.no_volumes = true;
        const auto volume = bench.volume();
        bench.disk.no_volumes = false;
        const auto cookie = bench.cookie(volume);
        bench.disk.hook = [&](const std::string& call) {
            if (call == at)
                CHECK(bench.model.use(cookie, true) == std::errc{});
        };
        bench.use(cookie, at.empty());
        CHECK(bench.called("prepare k") == 1);
        CHECK((bench.flags(cookie) & 0x1000) == 0);
    }
}

TEST_CASE("what a user still modifies is not kept at a withdrawal, however often") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie, true);
    for (int round = 1; round <= 2; ++round) {
        CAPTURE(round);
        CHECK(bench.withdraw());
        CHECK(bench.called("retire k a") == round);
        bench.bind();
        bench.use(cookie);
    }
    CHECK(bench.states == "LCAW-LCAW-LCA");
    CHECK(bench.called("commit k a") == 0);
}

TEST_CASE("what was modified is kept at a withdrawal when nobody uses it any more") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie, true);
    bench.unuse(cookie);
    CHECK(bench.withdraw());
    CHECK(bench.called("commit k a") == 1);
}

TEST_CASE("a commit ends modifying, and so does the last user of what was never cached") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie, true);
    bench.unuse(cookie);
    bench.expire();
    CHECK(bench.flags(cookie) == 0x402c);
    CHECK(bench.withdraw());
    bench.use(cookie, true);
    CHECK(bench.flags(cookie) == 0x40ac);
    bench.unuse(cookie);
    CHECK(bench.flags(cookie) == 0x402c);
}

TEST_CASE("a use cancels a discard that was not begun") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    bench.unuse(cookie);
    bench.executor.advance(cache::Lru::default_timeout);
    bench.executor.run(); // the list's job; the worker is pending
    CHECK((bench.flags(cookie) & 0x800) != 0);
    bench.use(cookie);
    CHECK(bench.states == "LCA");
    CHECK((bench.flags(cookie) & 0x800) == 0);
}

TEST_CASE("how long an object stays open may be said") {
    ModelBench bench(true, std::chrono::hours(1));
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    bench.unuse(cookie);
    bench.executor.advance(std::chrono::hours(1) - std::chrono::nanoseconds(1));
    bench.executor.run_all();
    CHECK(bench.state(cookie) == 'A');
    bench.executor.advance(std::chrono::nanoseconds(1));
    bench.executor.run_all();
    CHECK(bench.state(cookie) == '-');
}

TEST_CASE("a use while it is being discarded looks it up again") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    bench.unuse(cookie);
    ModelBench::Begun begun;
    bench.disk.hook = [&](const std::string& call) {
        if (call != "commit k a")
            return;
        CHECK(bench.model.use(cookie, true) == std::errc{});
        begun = bench.begin(cookie);
    };
    bench.expire();
    CHECK(bench.states == "LCAU-LA");
    CHECK(bench.called("prepare k") == 1);
    REQUIRE(*begun);
    CHECK(bench.model.file(begun->value().value()) != nullptr);
    bench.model.end_operation(begun->value().value());
}

TEST_CASE("a use while it is being discarded, and an unuse: it stays closed") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    bench.unuse(cookie);
    bench.disk.hook = [&](const std::string& call) {
        if (call != "commit k a")
            return;
        CHECK(bench.model.use(cookie, false) == std::errc{});
        CHECK(bench.model.unuse(cookie, {}, {}) == std::errc{});
    };
    bench.expire();
    CHECK(bench.states == "LCAU-");
}

TEST_CASE("an operation delays a discard until its end") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    const cache::OperationPtr operation = bench.begun(cookie);
    bench.unuse(cookie);
    bench.expire();
    CHECK(bench.states == "LCA");
    CHECK(bench.model.counters().lru_expired == 1);
    bench.model.end_operation(operation);
    bench.executor.run_all();
    CHECK(bench.states == "LCAU-");
}

TEST_CASE("the list: in the order of the last unuse, popped when used meanwhile") {
    ModelBench bench;
    const auto volume = bench.volume();
    const auto first = bench.cookie(volume, "first");
    const auto second = bench.cookie(volume, "second");
    bench.use(first);
    bench.use(second);
    bench.unuse(first);
    CHECK(bench.model.counters().lru_timer == cache::Lru::default_timeout);
    bench.executor.advance(std::chrono::seconds(4));
    bench.unuse(second);
    CHECK(bench.model.counters().lru_cookies == 2);
    CHECK(bench.model.counters().lru_timer == std::chrono::seconds(6));
    bench.executor.advance(std::chrono::seconds(4));
    bench.use(first);
    bench.unuse(first);
    CHECK(bench.model.counters().lru_cookies == 2);
    bench.executor.advance(std::chrono::seconds(6));
    bench.executor.run_all();
    CHECK(bench.state(first) == 'A');
    CHECK(bench.state(second) == '-');
    bench.use(first);
    bench.executor.advance(std::chrono::seconds(4));
    bench.executor.run_all();
    CHECK(bench.state(first) == 'A');
    CHECK(bench.model.counters().lru_removed == 1);
    CHECK(bench.model.counters().lru_cookies == 0);
    CHECK(bench.model.counters().lru_timer == std::chrono::nanoseconds(0));
}

TEST_CASE("update and unuse replace the coherency data that is committed") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    bench.model.update(cookie, "b", 7);
    CHECK(bench.model.unuse(cookie, "c", {}) == std::errc{});
    CHECK(bench.model.counters().updates == 2);
    bench.expire();
    CHECK(bench.disk.files.at({"v", "k"}).coherency == cache::Coherency{"c", 7});
}

TEST_CASE("a cookie of the same key waits for the end of the first") {
    ModelBench bench;
    const auto volume = bench.volume();
    const auto first = bench.cookie(volume);
    CHECK(bench.acquire(volume) == std::unexpected(std::errc::file_exists));
    bench.use(first);
    const cache::OperationPtr operation = bench.begun(first);
    bench.unuse(first);
    bench.relinquish(first);
    std::vector<cache::CookiePtr> got;
    bench.model.acquire_cookie(volume, {"k", {}}, [&](auto result) { got.push_back(*result); });
    CHECK(bench.entry(first).references == 2); // object, waiter
    CHECK(bench.acquire(volume) == std::unexpected(std::errc::file_exists));
    bench.executor.advance(cache::Model::long_wait);
    bench.executor.run_all();
    CHECK(bench.log.contains("waits for one of the same key"));
    CHECK(got.empty());
    bench.model.end_operation(operation);
    bench.executor.run_all();
    REQUIRE(got.size() == 1);
    CHECK(bench.model.cookies().size() == 1);
    CHECK(bench.model.counters().acquires == 4);
    CHECK(bench.model.counters().acquires_ok == 2);
    bench.use(got[0]);
    CHECK(bench.state(got[0]) == 'A');
}

TEST_CASE("arguments of acquire_cookie") {
    ModelBench bench;
    const auto volume = bench.volume();
    const auto invalid = std::unexpected(std::errc::invalid_argument);
    CHECK(bench.acquire(volume, "") == invalid);
    CHECK(bench.acquire(volume, std::string(256, 'k')) == invalid);
    CHECK(bench.acquire(volume, "k", std::string(256, 'a')) == invalid);
    CHECK(bench.model.counters().acquires == 0);
    CHECK(bench.acquire(volume, std::string(255, 'k'), std::string(255, 'a')));
    CHECK(bench.acquire(volume, std::string("k\0", 2)));
    CHECK(bench.acquire(volume, "k"));
    CHECK(bench.model.relinquish_volume(volume, {}, false) == std::errc{});
    CHECK(bench.acquire(volume, "late") == invalid);
}

TEST_CASE("while disabled nothing begins and nothing changes, until the last unuse") {
    ModelBench bench;
    const auto cookie = bench.cookie(bench.volume());
    bench.use(cookie);
    bench.use(cookie);
    bench.model.invalidate(cookie, {}, 0, true);
    bench.executor.run_all();
    CHECK(bench.flags(cookie) == 0x417c);
    CHECK_FALSE(bench.model.enabled(cookie));
    CHECK(bench.refused(cookie));
    bench.model.invalidate(cookie, "z", 9, true);
    bench.model.update(cookie, "z", 9);
    std::optional<bool> resized;
    bench.model.resize(cookie, 9, [&](bool done) { resized = done; });
    bench.executor.run_all();
    CHECK(resized == false);
    CHECK(cookie->invalidations == 1);
    CHECK(bench.entry(cookie).aux == "a");
    bench.unuse(cookie);
    CHECK_FALSE(bench.model.enabled(cookie));
    bench.unuse(cookie);
    CHECK(bench.model.enabled(cookie));
    CHECK_FALSE(bench.refused(cookie));
}

TEST_SUITE_END();
