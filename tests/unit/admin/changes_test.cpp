// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/admin/admin_bench.hpp"

using namespace cachefiles;
using namespace cachefiles::daemon::admin;
using namespace cachefiles::tests;

TEST_SUITE_BEGIN("admin: changes");

TEST_CASE("limits hold at once, until the configuration is read anew") {
    AdminBench bench;
    cull::Limits limits;
    limits.max_files = 100;
    limits.max_age = 1'000;
    bench.room->change({.limits = limits, .enabled = false});
    bench.start();
    CHECK(bench.set_limits({.max_size = 5'000'000'000, .max_files = 0, .min_age = 60}));
    limits.max_size = 5'000'000'000;
    limits.max_files.reset();
    limits.min_age = 60;
    CHECK(bench.fresh_report()->limits == limits);
    CHECK_FALSE(bench.room->settings().enabled);
    bench.room->change({.limits = {}, .enabled = false});
    CHECK(bench.fresh_report()->limits == cull::Limits{});
}

TEST_CASE("limits that contradict each other are refused, and nothing changes") {
    AdminBench bench;
    cull::Limits limits;
    limits.max_age = 1'000;
    limits.volumes = {{.match = "v*", .max_age = 500}};
    bench.room->change({.limits = limits, .enabled = false});
    bench.start();
    for (const LimitChange& change :
         {LimitChange{.min_age = 1'000}, LimitChange{.min_age = 500}, LimitChange{.max_age = -1},
          LimitChange{.min_age = -1}, LimitChange{.max_size = UINT64_MAX}}) {
        const auto refused = bench.set_limits(change);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().kind == Refusal::Kind::invalid);
        CHECK_FALSE(refused.error().text.empty());
    }
    CHECK(bench.fresh_report()->limits == limits);
    CHECK(bench.set_limits({.max_age = 0, .min_age = 499}));
}

TEST_CASE("limits are kept by who can keep them, or not set at all") {
    AdminBench bench;
    std::string problem = "the disk is read-only";
    std::vector<LimitChange> kept;
    bench.start([&](Parts& parts) {
        parts.keep_limits = [&](const LimitChange& change) -> std::expected<void, std::string> {
            if (!problem.empty())
                return std::unexpected(problem);
            kept.push_back(change);
            return {};
        };
    });
    const auto refused = bench.set_limits({.max_files = 7, .persistent = true});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == Refusal::Kind::failed);
    CHECK(refused.error().text == problem);
    CHECK_FALSE(bench.fresh_report()->limits.max_files);
    problem.clear();
    CHECK(bench.set_limits({.max_files = 7}));
    CHECK(kept.empty());
    CHECK(bench.set_limits({.max_files = 8, .persistent = true}));
    CHECK(kept.size() == 1);
    CHECK(bench.fresh_report()->limits.max_files == 8);
}

TEST_CASE("pins are told, and kept") {
    AdminBench bench;
    const index::VolumeId volume = bench.add_mounted("v");
    Administrator& administrator = bench.start();
    CHECK(bench.pin(volume, true));
    CHECK(administrator.report()->volumes[0].pinned);
    CHECK(bench.index->volume(volume)->pinned);
    CHECK_FALSE(bench.index->uncommitted());
    CHECK(bench.pin(volume, false));
    CHECK_FALSE(administrator.report()->volumes[0].pinned);
    CHECK(bench.pin(99, true).error().kind == Refusal::Kind::no_such_volume);
}

TEST_CASE("a change is answered when the report shows it, and who listens has been called") {
    AdminBench bench;
    const index::VolumeId volume = bench.add_mounted("v");
    Administrator& administrator = bench.start();
    std::atomic<unsigned> calls{0};
    administrator.listen([&] { ++calls; });
    // What is to be seen, and how often the listener was called, when the answer comes.
    const auto after = [&](const auto& change, const auto& shown) {
        const unsigned before = calls;
        std::promise<bool> told;
        change([&](const std::expected<void, Refusal>& result) {
            told.set_value(result && shown(*administrator.report()) && calls > before);
        });
        return told.get_future().get();
    };
    for (const bool wanted : {true, false}) {
        CHECK(after([&](auto answer) { administrator.pause(wanted, answer); },
                    [&](const CacheReport& report) { return report.paused == wanted; }));
        CHECK(after([&](auto answer) { administrator.pin(volume, wanted, answer); },
                    [&](const CacheReport& report) { return report.volumes[0].pinned == wanted; }));
        const std::uint64_t files = wanted ? 7 : 8;
        CHECK(after([&](auto answer) { administrator.set_limits({.max_files = files}, answer); },
                    [&](const CacheReport& report) { return report.limits.max_files == files; }));
        bench.room->change({.limits = {}, .enabled = false}); // as a reload does
        CHECK(after([&](auto answer) { administrator.look_anew(answer); },
                    [](const CacheReport& report) { return !report.limits.max_files; }));
    }
}

TEST_CASE("a change is answered though nothing can be seen, or nobody looks any more") {
    AdminBench bench;
    std::atomic<bool> broken{false};
    Administrator& administrator = bench.start([&](Parts& parts) {
        parts.statistics = [&]() -> std::map<std::string, double> {
            if (broken)
                throw SystemError("no disk", EIO);
            return {};
        };
    });
    broken = true;
    CHECK(bench.pause(true));
    CHECK(bench.room->status().paused);
    administrator.stop();
    CHECK(bench.pause(false));
    CHECK_FALSE(bench.room->status().paused);
}

TEST_CASE("while culling is paused no room is made") {
    AdminBench bench;
    const index::VolumeId volume = bench.add_mounted("v");
    for (int i = 0; i < 100; ++i)
        bench.add(volume, i);
    Administrator& administrator = bench.start();
    CHECK(bench.pause(true));
    cull::Limits limits;
    limits.watermarks = {{2, 1, 0}, {2, 1, 0}}; // whatever the disk of the test is like
    limits.max_files = 50;
    bench.room->change({.limits = limits, .enabled = true});
    bench.cull_thread->nudge();
    CHECK(bench.ended(*bench.cull({.objects = 1})).objects == 1); // a turn has been made since
    CHECK(bench.index->totals().objects == 99);
    CHECK(bench.pause(false));
    bench.wait_for([&] {
        for (const Event& event : administrator.events()) {
            if (event.kind == Event::Kind::culling_finished &&
                event.reason == cull::Reason::max_files)
                return true;
        }
        return false;
    });
    CHECK(bench.index->totals().objects == 48); // 95 per cent
}

TEST_SUITE_END();
