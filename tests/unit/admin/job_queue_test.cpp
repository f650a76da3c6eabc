// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/admin/job_queue.hpp"
#include "tests/unit/admin/shared_clock.hpp"
#include "tests/unit/recording_log.hpp"

#include <doctest/doctest.h>

#include <future>
#include <stdexcept>
#include <thread>

using namespace cachefiles;
using namespace cachefiles::daemon::admin;
using namespace cachefiles::tests;

namespace {

struct Queue {
    SharedClock clock;
    RecordingLog log;
    EventQueue events;
    JobQueue jobs{clock, log, events};

    /// Waits until the job has ended: another one behind it has begun.
    void drain() {
        std::promise<void> reached;
        REQUIRE(jobs.add(JobKind::verify, [&reached](JobControl&) {
            reached.set_value();
            return JobEnd{};
        }));
        reached.get_future().wait();
    }
    [[nodiscard]] JobReport report(JobId id) const {
        for (const JobReport& each : jobs.jobs()) {
            if (each.id == id)
                return each;
        }
        return {};
    }
};

JobEnd until_canceled(JobControl& control) {
    while (control.go_on())
        control.wait(std::chrono::milliseconds(10'000));
    return {JobState::canceled};
}

} // namespace

TEST_SUITE_BEGIN("admin: jobs");

TEST_CASE("one after another, with what came of them") {
    Queue queue;
    std::vector<int> order;
    const auto job = [&order](int number) {
        return [&order, number](JobControl& control) {
            order.push_back(number);
            control.note({5'000, 1, 2, 3});
            return JobEnd{JobState::done, {}, {"line"}};
        };
    };
    const JobId first = *queue.jobs.add(JobKind::cull, job(1));
    const JobId second = *queue.jobs.add(JobKind::dump, job(2));
    CHECK(queue.report(first).state == JobState::waiting);
    queue.jobs.start();
    queue.drain();
    CHECK(order == std::vector{1, 2});
    CHECK(first == 1);
    CHECK(second == 2);
    const JobReport report = queue.report(second);
    CHECK(report.kind == JobKind::dump);
    CHECK(report.state == JobState::done);
    CHECK(report.progress == 10'000);
    CHECK(report.objects == 1);
    CHECK(report.bytes == 2);
    CHECK(report.busy == 3);
    CHECK(report.findings == std::vector<std::string>{"line"});
}

TEST_CASE("what a job throws is its failure, and the next one runs") {
    Queue queue;
    const JobId bad = *queue.jobs.add(
        JobKind::cull, [](JobControl&) -> JobEnd { throw std::runtime_error("no"); });
    queue.jobs.start();
    queue.drain();
    CHECK(queue.report(bad).state == JobState::failed);
    CHECK(queue.report(bad).message == "no");
}

TEST_CASE("no more than so many wait") {
    Queue queue;
    for (std::size_t i = 0; i < JobQueue::most_waiting; ++i)
        REQUIRE(queue.jobs.add(JobKind::cull, until_canceled));
    const auto refused = queue.jobs.add(JobKind::cull, until_canceled);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == Refusal::Kind::busy);
    CHECK(queue.jobs.cancel(1));
    CHECK(queue.jobs.add(JobKind::cull, until_canceled));
}

TEST_CASE("one that is canceled ends, and holds up nobody") {
    Queue queue;
    std::promise<void> running;
    const JobId held = *queue.jobs.add(JobKind::dump, [&running](JobControl& control) {
        CHECK_FALSE(control.holds_up_others());
        running.set_value();
        return until_canceled(control);
    });
    queue.jobs.start();
    running.get_future().wait();
    CHECK(queue.report(held).state == JobState::running);
    CHECK(queue.jobs.cancel(held));
    queue.drain();
    CHECK(queue.report(held).state == JobState::canceled);
}

TEST_CASE("those that ended are known for a minute") {
    Queue queue;
    queue.jobs.start();
    queue.drain();
    queue.drain(); // so that the first has ended, not only run
    CHECK(queue.report(1).state == JobState::done);
    queue.clock.advance(JobQueue::kept - std::chrono::seconds(1));
    CHECK_FALSE(queue.jobs.expire());
    CHECK(queue.report(1).id == 1);
    queue.clock.advance(std::chrono::seconds(1));
    CHECK(queue.report(1).id == 0);
    CHECK(queue.jobs.expire());
    CHECK(queue.jobs.cancel(1).error().kind == Refusal::Kind::no_such_job);
    CHECK(*queue.jobs.add(JobKind::cull, until_canceled) == 3); // never a number twice
}

TEST_CASE("a stop ends what runs and what waits, and nothing more is taken") {
    Queue queue;
    queue.jobs.start();
    std::promise<void> running;
    (void)queue.jobs.add(JobKind::dump, [&running](JobControl& control) {
        running.set_value();
        return until_canceled(control);
    });
    const JobId waits = *queue.jobs.add(JobKind::dump, until_canceled);
    running.get_future().wait();
    queue.jobs.stop();
    CHECK(queue.report(1).state == JobState::canceled);
    CHECK(queue.report(waits).state == JobState::canceled);
    CHECK(queue.jobs.add(JobKind::cull, until_canceled).error().kind == Refusal::Kind::not_online);
}

TEST_CASE("while the daemon ends the thread still shows that it lives") {
    Queue queue;
    queue.jobs.start();
    std::promise<void> running;
    const JobId id = *queue.jobs.add(JobKind::dump, [&running](JobControl& control) {
        running.set_value();
        return until_canceled(control);
    });
    running.get_future().wait();
    queue.jobs.ask_to_stop();
    while (queue.report(id).state != JobState::canceled)
        std::this_thread::yield();
    int alive = 0; // of a thread that has ended it would be one, once
    while (alive < 10) {
        alive += queue.jobs.progress().moved() ? 1 : 0;
        std::this_thread::yield();
    }
    CHECK(queue.jobs.add(JobKind::cull, until_canceled).error().kind == Refusal::Kind::not_online);
}

TEST_CASE("progress is told now and then, the end always") {
    Queue queue;
    queue.jobs.start();
    (void)queue.jobs.add(JobKind::cull, [&queue](JobControl& control) {
        for (unsigned i = 1; i <= 100; ++i) {
            queue.clock.advance(std::chrono::milliseconds(50));
            control.note({i, 0, 0, 0});
        }
        return JobEnd{};
    });
    queue.drain();
    std::size_t changed = 0, removed = 0;
    for (const Event& event : queue.events.take()) {
        changed += event.job == 1 && event.kind == Event::Kind::job_changed ? 1 : 0;
        removed += event.job == 1 && event.kind == Event::Kind::job_removed ? 1 : 0;
    }
    CHECK(changed == 1 + 1 + 10 + 1); // added, begun, in five seconds, ended
    CHECK(removed == 1);
}

TEST_SUITE_END();
