// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/admin/admin_bench.hpp"

#include <thread>

using namespace cachefiles;
using namespace cachefiles::daemon::admin;
using namespace cachefiles::tests;

TEST_SUITE_BEGIN("admin: report");

TEST_CASE("it says what is there, and is made anew every second") {
    AdminBench bench;
    const index::VolumeId volume = bench.add_mounted("v");
    bench.add(volume, 100, 8192);
    Administrator& administrator = bench.start([](Parts& parts) {
        parts.statistics = [] {
            return std::map<std::string, double>{{"x", 1}};
        };
    });
    const auto first = administrator.report();
    CHECK(first->tag == "test");
    CHECK(first->directory == bench.directory.path());
    CHECK(first->state == CacheState::online);
    CHECK(first->in_step);
    CHECK(first->totals == index::Totals{1, 8192, 0});
    CHECK(first->oldest_use == SharedClock::start - 100);
    CHECK(first->space.blocks > 0);
    CHECK(first->statistics.at("x") == 1);
    REQUIRE(first->volumes.size() == 1);
    CHECK(first->volumes[0].id == volume);
    CHECK(first->volumes[0].key == "v");
    CHECK(first->volumes[0].totals.bytes == 8192);
    CHECK(first->volumes[0].newest_use == SharedClock::start - 100);
    CHECK_FALSE(first->volumes[0].pinned);

    (void)bench.fresh_report(); // it is due from now on in a second
    const auto before = administrator.report();
    bench.add(volume, 10);
    bench.add_mounted("w");
    (void)bench.answer<std::vector<Age>>(
        [&](auto answer) { administrator.ages({}, std::move(answer)); });
    CHECK(administrator.report() == before); // not for every question
    CHECK(bench.fresh_report()->totals.objects == 2);
    CHECK(administrator.report()->volumes.size() == 2);
    CHECK(first->totals.objects == 1); // whoever has it keeps it
}

TEST_CASE("who knows what is in use is asked for it") {
    AdminBench bench;
    const index::VolumeId volume = bench.add_mounted("v");
    bench.index->put({volume, 0xa7}, "Dused", {4096, 5});
    bench.index->put({volume, 0xa7}, "Didle", {4096, 6, index::ObjectState::in_use}); // as it was
    Administrator& administrator = bench.start([](Parts& parts) {
        parts.in_use.counts = [] {
            return std::map<std::string, std::uint64_t>{{"Iv", 1}, {"Iw", 5}};
        };
        parts.in_use.contains = [](const std::string& path) {
            return path == "cache/Iv/@a7/Dused";
        };
    });
    CHECK(administrator.report()->totals.in_use == 1);
    CHECK(administrator.report()->volumes[0].totals.in_use == 1);
    const auto page = bench.answer<ObjectPage>(
        [&](auto answer) { administrator.list({.limit = 9}, std::move(answer)); });
    REQUIRE(page);
    REQUIRE(page->objects.size() == 2);
    for (const ObjectReport& report : page->objects)
        CHECK((report.object.attributes.state == index::ObjectState::in_use) ==
              (report.object.name == "Dused"));
}

TEST_CASE("what is notable is told, and amounts are not") {
    CacheReport before;
    before.volumes.push_back({.id = 1, .key = "v"});
    CacheReport after = before;
    after.totals.objects = 5;
    after.space.free_blocks = 7;
    after.oldest_use = 3;
    after.volumes[0].totals.bytes = 9;
    after.volumes[0].newest_use = 9;
    after.statistics["x"] = 3;
    CHECK_FALSE(differs(before, after));
    const auto changed = [&before](const std::function<void(CacheReport&)>& change) {
        CacheReport report = before;
        change(report);
        return differs(before, report);
    };
    CHECK(changed([](CacheReport& r) { r.state = CacheState::lost; }));
    CHECK(changed([](CacheReport& r) { r.culling = true; }));
    CHECK(changed([](CacheReport& r) { r.stalled = true; }));
    CHECK(changed([](CacheReport& r) { r.paused = true; }));
    CHECK(changed([](CacheReport& r) { r.in_step = true; }));
    CHECK(changed([](CacheReport& r) { r.reason = cull::Reason::request; }));
    CHECK(changed([](CacheReport& r) { r.losses = 1; }));
    CHECK(changed([](CacheReport& r) { r.limits.max_size = 1; }));
    CHECK(changed([](CacheReport& r) { r.volumes.clear(); }));
    CHECK(changed([](CacheReport& r) { r.volumes[0].pinned = true; }));
    CHECK(changed([](CacheReport& r) { r.volumes[0].id = 2; }));
}

TEST_CASE("a cache that is lost, and comes back") {
    AdminBench bench;
    bench.add(bench.add_mounted("v"), 1);
    bench.binding.can_open = false;
    Administrator& administrator = bench.start();
    bench.binding.dead = true;
    bench.cull_thread->nudge();
    std::vector<Event> seen;
    const auto happened = [&](Event::Kind kind) {
        for (Event& event : administrator.events())
            seen.push_back(std::move(event));
        return std::ranges::any_of(seen, [kind](const Event& event) { return event.kind == kind; });
    };
    bench.wait_for([&] { return happened(Event::Kind::lost); });
    CHECK(seen.back().text == "the disk has failed");
    CHECK(bench.fresh_report()->state == CacheState::lost);
    CHECK(administrator.report()->losses == 1);
    const auto refused = bench.cull({.objects = 1});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == Refusal::Kind::not_online);
    CHECK(bench.purge({}).error().kind == Refusal::Kind::not_online);

    bench.binding.can_open = true;
    bench.cull_thread->nudge();
    bench.wait_for([&] { return happened(Event::Kind::recovered); });
    while (!bench.cull_thread->status().online)
        std::this_thread::yield(); // with the next look, at once
    CHECK(bench.fresh_report()->state == CacheState::online);
    CHECK(bench.cull({.objects = 1}));
}

TEST_CASE("the metrics are of the report, and each report is passed on") {
    AdminBench bench;
    std::atomic<int> reported{0};
    Administrator& administrator = bench.start([&](Parts& parts) {
        parts.metrics = [](const CacheReport& report) {
            return "tag=" + report.tag;
        };
        parts.reported = [&](const CacheReport&) {
            ++reported;
        };
    });
    CHECK(administrator.metrics() == "tag=test");
    (void)bench.fresh_report();
    CHECK(reported >= 1);
}

TEST_CASE("after the end whatever is asked is refused, and nobody is called") {
    AdminBench bench;
    Administrator& administrator = bench.start();
    administrator.ask_to_stop();
    administrator.stop();
    CHECK(administrator.report()->tag == "test");
    CHECK(bench.cull({.objects = 1}).error().kind == Refusal::Kind::not_online);
    CHECK(administrator.verify().error().kind == Refusal::Kind::not_online);
    bench.events.listen({});
}

TEST_CASE("events wait for who takes them, but not for ever") {
    EventQueue queue;
    int called = 0;
    queue.listen([&called] { ++called; });
    for (JobId id = 1; id <= EventQueue::capacity + 5; ++id)
        queue.add({.kind = Event::Kind::job_changed, .text = {}, .job = id});
    CHECK(called == EventQueue::capacity + 5);
    const std::vector<Event> events = queue.take();
    REQUIRE(events.size() == EventQueue::capacity);
    CHECK(events.front().job == 6);
    CHECK(queue.take().empty());
    queue.listen({});
    queue.call();
    CHECK(called == EventQueue::capacity + 5);
}

TEST_SUITE_END();
