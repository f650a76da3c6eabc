// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/admin/admin_bench.hpp"

#include <thread>

using namespace cachefiles;
using namespace cachefiles::daemon::admin;
using namespace cachefiles::tests;

namespace {

/// Holds the culling thread between two batches.
class Gate final {
public:
    void pass() {
        std::unique_lock lock(mutex_);
        waiting_ = true;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
    }
    void wait_until_reached() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return waiting_; });
    }
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool waiting_ = false, open_ = false;
};

} // namespace

// Whoever gives an order has to say how it is canceled.
static_assert(std::is_constructible_v<daemon::RemovalOrder, daemon::RemovalOrder::What,
                                      std::function<void()>, std::function<bool()>>);
static_assert(!std::is_constructible_v<daemon::RemovalOrder, daemon::RemovalOrder::What,
                                       std::function<void()>>);

TEST_SUITE_BEGIN("admin: removing on request");

TEST_CASE("a dry run says what a real one removes, though culling is switched off and paused") {
    AdminBench bench;
    const index::VolumeId volume = bench.add_mounted("v");
    for (int i = 0; i < 50; ++i)
        bench.add(volume, 1'000 + i);
    Administrator& administrator = bench.start();
    CHECK(bench.pause(true));
    CHECK(administrator.report()->paused);
    const JobReport said = bench.ended(*bench.cull({.bytes = 10 * 4096, .dry_run = true}));
    CHECK(said.state == JobState::done);
    CHECK(said.kind == JobKind::cull);
    CHECK(said.objects == 10);
    CHECK(said.bytes == 10 * 4096);
    CHECK(said.progress == 10'000);
    CHECK(bench.cache.files.size() == 50);
    const JobReport done = bench.ended(*bench.cull({.bytes = 10 * 4096}));
    CHECK(done.state == JobState::done);
    CHECK(done.objects == 10);
    CHECK(done.bytes == 10 * 4096);
    CHECK(bench.cache.files.size() == 40);
    const JobReport old = bench.ended(*bench.cull({.older_than = 1'029}));
    CHECK(old.objects == 10); // 1,030 to 1,039 seconds
    CHECK(bench.index->totals().objects == 30);
    CHECK(bench.pause(false));
    CHECK_FALSE(administrator.report()->paused);
}

TEST_CASE("min-age and pins hold for a cull; a purge knows no age, and a pin only if unnamed") {
    AdminBench bench;
    const index::VolumeId free = bench.add_mounted("free");
    const index::VolumeId pinned = bench.add_mounted("pinned");
    const index::VolumeId by_rule = bench.add_mounted("rule");
    for (int i = 0; i < 10; ++i) {
        for (const index::VolumeId volume : {free, pinned, by_rule})
            bench.add(volume, i * 100);
    }
    cull::Limits limits;
    limits.min_age = 500;
    limits.volumes = {{.match = "rule", .pin = true}};
    bench.room->change({.limits = limits, .enabled = false});
    bench.start();
    REQUIRE(bench.pin(pinned, true));
    const auto report = bench.fresh_report();
    CHECK_FALSE(report->volumes[0].pinned);
    CHECK(report->volumes[1].pinned);
    CHECK_FALSE(report->volumes[1].pinned_by_configuration);
    CHECK(report->volumes[2].pinned);
    CHECK(report->volumes[2].pinned_by_configuration);

    CHECK(bench.cull({.objects = 1, .volume = "pinned"}).error().kind == Refusal::Kind::invalid);
    CHECK(bench.cull({.objects = 1, .volume = "rule"}).error().kind == Refusal::Kind::invalid);
    CHECK(bench.cull({.objects = 1, .volume = "?"}).error().kind == Refusal::Kind::no_such_volume);
    CHECK(bench.purge({.volume = "?"}).error().kind == Refusal::Kind::no_such_volume);
    CHECK(bench.cull({.volume = "free"}).error().kind == Refusal::Kind::invalid);
    CHECK(bench.cull({.older_than = -1}).error().kind == Refusal::Kind::invalid);

    CHECK(bench.ended(*bench.cull({.objects = 1'000})).objects == 5); // 501 seconds and more
    CHECK(bench.ended(*bench.purge({})).objects == 5);
    CHECK(bench.index->volume(pinned)->totals.objects == 10);
    CHECK(bench.index->volume(by_rule)->totals.objects == 10);
    const JobReport said = bench.ended(*bench.purge({.volume = "rule", .dry_run = true}));
    CHECK(said.objects == 10);
    CHECK(bench.ended(*bench.purge({.volume = "rule"})).objects == 10);
    CHECK(bench.ended(*bench.purge({.volume = "pinned"})).objects == 10);
    CHECK(bench.cache.files.empty());
}

TEST_CASE("a job that is canceled keeps what it has done") {
    Gate gate;
    AdminBench bench({.batch = 8});
    const index::VolumeId volume = bench.add_mounted("v");
    for (int i = 0; i < 100; ++i)
        bench.add(volume, i);
    bench.cache.after_batch = [&gate] {
        gate.pass();
    };
    Administrator& administrator = bench.start();
    const JobId job = *bench.purge({});
    const JobId next = *bench.purge({});
    gate.wait_until_reached();
    CHECK(bench.job(job).state == JobState::running);
    CHECK(bench.job(next).state == JobState::waiting);
    CHECK(administrator.cancel(next));
    CHECK(bench.job(next).state == JobState::canceled);
    CHECK(administrator.cancel(job));
    gate.open();
    const JobReport report = bench.ended(job);
    CHECK(report.state == JobState::canceled);
    CHECK(report.objects >= 8);
    CHECK(report.objects < 100);
    CHECK(bench.cache.files.size() == 100 - report.objects);
    CHECK(administrator.cancel(job)); // nothing happens
    CHECK(administrator.cancel(77).error().kind == Refusal::Kind::no_such_job);
}

TEST_CASE("one that takes long is worked off in slices, and is a reason while it lasts") {
    Gate gate;
    AdminBench bench({.batch = 8});
    const index::VolumeId volume = bench.add_mounted("v");
    for (int i = 0; i < 100; ++i)
        bench.add(volume, i);
    int batches = 0;
    bench.cache.after_batch = [&] {
        bench.clock.advance(std::chrono::milliseconds(100)); // a slice
        if (++batches == 2)
            gate.pass();
    };
    bench.start();
    CHECK(bench.ended(*bench.purge({.dry_run = true})).objects == 100);
    const JobId job = *bench.purge({});
    gate.wait_until_reached();
    const auto report = bench.fresh_report();
    CHECK(report->reason == cull::Reason::request);
    CHECK_FALSE(report->culling);       // room is not wanted
    while (bench.job(job).objects != 8) // as soon as the job has looked
        std::this_thread::yield();
    CHECK(bench.job(job).progress == 800);
    gate.open();
    CHECK(bench.ended(job).objects == 100);
    while (bench.fresh_report()->reason != cull::Reason::none) // with the end of the turn
        std::this_thread::yield();
}

TEST_CASE("a request waits until the index knows the cache, and may be canceled meanwhile") {
    AdminBench bench;
    bench.add(bench.add_mounted("v"), 1);
    bench.knows_tree = false;
    Administrator& administrator = bench.start();
    const JobId canceled = *bench.purge({});
    bench.wait_for([&] { return bench.job(canceled).state == JobState::running; });
    CHECK(administrator.cancel(canceled));
    CHECK(bench.ended(canceled).state == JobState::canceled);
    const JobId waits = *bench.purge({});
    bench.wait_for([&] { return bench.job(waits).state == JobState::running; });
    CHECK(bench.cache.files.size() == 1);
    bench.knows_tree = true;
    bench.cull_thread->nudge();
    CHECK(bench.ended(waits).objects == 1);
}

TEST_CASE("a cache that is lost meanwhile makes it fail, with a text") {
    AdminBench bench;
    bench.add(bench.add_mounted("v"), 1);
    bench.cache.dead = true;
    bench.start();
    const JobReport report = bench.ended(*bench.purge({}));
    CHECK(report.state == JobState::failed);
    CHECK_FALSE(report.message.empty());
}

TEST_CASE("the end of the daemon cancels what is under way and what waits") {
    Gate gate;
    AdminBench bench({.batch = 1});
    const index::VolumeId volume = bench.add_mounted("v");
    for (int i = 0; i < 10; ++i)
        bench.add(volume, i);
    bench.cache.after_batch = [&gate] {
        gate.pass();
    };
    Administrator& administrator = bench.start();
    const JobId first = *bench.purge({});
    const JobId second = *bench.purge({});
    gate.wait_until_reached();
    administrator.ask_to_stop();
    CHECK(bench.job(second).state == JobState::canceled);
    gate.open();
    administrator.stop();
    CHECK(bench.job(first).state == JobState::canceled);
    CHECK_FALSE(bench.cache.files.empty());
}

TEST_CASE("what happens is told in order") {
    AdminBench bench;
    bench.add(bench.add_mounted("v"), 1);
    Administrator& administrator = bench.start();
    (void)bench.ended(*bench.purge({}));
    std::vector<Event::Kind> kinds;
    bench.wait_for([&] {
        for (const Event& event : administrator.events()) {
            if (kinds.empty() || kinds.back() != event.kind)
                kinds.push_back(event.kind);
        }
        return !kinds.empty() && kinds.back() == Event::Kind::job_removed;
    });
    CHECK(kinds == std::vector{Event::Kind::job_changed, Event::Kind::culling_started,
                               Event::Kind::culling_finished, Event::Kind::job_changed,
                               Event::Kind::job_removed});
}

TEST_SUITE_END();
