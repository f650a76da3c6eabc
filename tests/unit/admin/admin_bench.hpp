// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/error.hpp"
#include "base/fd.hpp"
#include "cull/culler.hpp"
#include "daemon/admin/administrator.hpp"
#include "daemon/admin/cull_events.hpp"
#include "tests/unit/admin/shared_clock.hpp"
#include "tests/unit/cull/simulated_cache.hpp"
#include "tests/unit/recording_log.hpp"
#include "tests/unit/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace cachefiles::tests {

/// A cache that is online until the test says otherwise.
class FakeBinding final : public daemon::Binding {
public:
    std::atomic<bool> dead{false};
    std::atomic<bool> can_open{true};

    void enter_thread() override {}
    [[nodiscard]] bool bound() const override { return bound_; }
    [[nodiscard]] std::optional<State> look() override { return State{}; }
    [[nodiscard]] bool alive() override { return !dead; }
    [[nodiscard]] std::string death() const override { return "the disk has failed"; }
    void close() override { bound_ = false; }
    void open() override {
        if (!can_open)
            throw SystemError("no disk", EIO);
        dead = false;
        bound_ = true;
    }
    [[nodiscard]] int descriptor() const override { return -1; }

private:
    std::atomic<bool> bound_{true};
};

/// An Administrator with the threads that it asks, over a simulated cache. Culling by limits is
/// switched off: only requests remove anything.
class AdminBench final {
public:
    explicit AdminBench(cull::Culler::Options culling = {})
        : index(index::Index::open(index_options(), clock, log)), cache(evictor_clock_) {
        std::filesystem::create_directory(directory.path() / "graveyard");
        graveyard_ = Fd(open((directory.path() / "graveyard").c_str(), O_RDONLY | O_DIRECTORY));
        root_ = Fd(open(directory.path().c_str(), O_RDONLY | O_DIRECTORY));
        culling.changed = [this](const cull::CullEvent& event) {
            events.add(daemon::admin::event_of(event));
        };
        culler = std::make_unique<cull::Culler>(*index, cache, clock, log, culling);
        reaper_ = std::make_unique<daemon::ReapThread>(graveyard_.get(), log, [] {});
        room = std::make_unique<daemon::MakeRoom>(
            daemon::MakeRoom::Parts{root_.get(),
                                    *index,
                                    *culler,
                                    *reaper_,
                                    clock,
                                    [this] { return knows_tree.load(); },
                                    {}},
            daemon::MakeRoom::Settings{.limits = {}, .enabled = false});
        removals_ = std::make_unique<daemon::Removals>(*room, clock);
        cull_thread = std::make_unique<daemon::CullThread>(
            daemon::CullThread::Parts{binding, *room, *removals_, cache, *index, *reaper_, clock,
                                      log, [this](bool online, const std::string& why) {
                                          events.add(daemon::admin::event_of(online, why));
                                      }});
    }
    ~AdminBench() {
        administrator.reset();
        cull_thread->ask_to_stop(true);
        cull_thread->join();
    }

private:
    [[nodiscard]] index::IndexOptions index_options() const {
        index::IndexOptions options;
        options.path = directory.path() / "test.db";
        return options;
    }

public:
    TemporaryDirectory directory;
    SharedClock clock;
    RecordingLog log;
    std::unique_ptr<index::Index> index;

private:
    SimulatedClock evictor_clock_; // the evictor's own: its thread's
    Fd graveyard_, root_;

public:
    SimulatedCache cache; ///< to be looked at while nothing is removed
    FakeBinding binding;
    std::atomic<bool> knows_tree{true};
    daemon::admin::EventQueue events;
    std::unique_ptr<cull::Culler> culler;

private:
    std::unique_ptr<daemon::ReapThread> reaper_;

public:
    std::unique_ptr<daemon::MakeRoom> room;

private:
    std::unique_ptr<daemon::Removals> removals_;

public:
    std::unique_ptr<daemon::CullThread> cull_thread;
    std::unique_ptr<daemon::admin::Administrator> administrator;

    /// After the cache has been filled.
    daemon::admin::Administrator&
    start(const std::function<void(daemon::admin::Parts&)>& adjust = {}) {
        daemon::admin::Parts parts{.tag = "test",
                                   .directory = directory.path(),
                                   .index = *index,
                                   .cull = *cull_thread,
                                   .room = *room,
                                   .events = events,
                                   .clock = clock,
                                   .log = log,
                                   .in_step = [this] {
                                       return knows_tree.load();
                                   }};
        if (adjust)
            adjust(parts);
        cull_thread->start();
        administrator = std::make_unique<daemon::admin::Administrator>(std::move(parts));
        administrator->listen([this] {
            const std::lock_guard lock(mutex_);
            ++calls_;
            called_.notify_all();
        });
        administrator->start();
        return *administrator;
    }

    /// A volume that is in use, so that it cannot be evicted as a whole.
    index::VolumeId add_mounted(std::string_view key) {
        const index::VolumeId volume = index->add_volume(key);
        cache.mounted.insert(volume);
        return volume;
    }

    index::ObjectId add(index::VolumeId volume, Seconds age, std::uint64_t bytes = 4096) {
        const Seconds last_use = clock.now() - age;
        const index::ObjectId id = index->put({.volume = volume, .fanout = 7},
                                              "D" + std::to_string(++names_), {bytes, last_use});
        cache.files[id] = {.bytes = bytes, .last_use = last_use};
        return id;
    }

    /// Waits until that is true, looking whenever the listener is called.
    void wait_for(const std::function<bool()>& condition) {
        std::unique_lock lock(mutex_);
        while (true) {
            const std::uint64_t seen = calls_;
            lock.unlock();
            if (condition())
                return;
            lock.lock();
            called_.wait(lock, [&] { return calls_ != seen; });
        }
    }

    [[nodiscard]] daemon::admin::JobReport job(daemon::admin::JobId id) const {
        for (const daemon::admin::JobReport& report : administrator->jobs()) {
            if (report.id == id)
                return report;
        }
        return {};
    }

    /// Waits for its end.
    daemon::admin::JobReport ended(daemon::admin::JobId id) {
        using daemon::admin::JobState;
        wait_for([&] {
            const JobState state = job(id).state;
            return job(id).id != id || (state != JobState::waiting && state != JobState::running);
        });
        return job(id);
    }

    /// Calls `ask` with an answer, and waits for it.
    template<typename T>
    std::expected<T, daemon::admin::Refusal>
    answer(const std::function<void(daemon::admin::Administration::Answer<T>)>& ask) {
        std::promise<std::expected<T, daemon::admin::Refusal>> promise;
        ask([&promise](std::expected<T, daemon::admin::Refusal> result) {
            promise.set_value(std::move(result));
        });
        return promise.get_future().get();
    }

    std::expected<daemon::admin::JobId, daemon::admin::Refusal>
    cull(const daemon::admin::CullRequest& request) {
        return answer<daemon::admin::JobId>(
            [&](auto answer) { administrator->cull(request, std::move(answer)); });
    }
    std::expected<daemon::admin::JobId, daemon::admin::Refusal>
    purge(const daemon::admin::PurgeRequest& request) {
        return answer<daemon::admin::JobId>(
            [&](auto answer) { administrator->purge(request, std::move(answer)); });
    }
    std::expected<void, daemon::admin::Refusal> pause(bool paused) {
        return answer<void>([&](auto answer) { administrator->pause(paused, std::move(answer)); });
    }
    std::expected<void, daemon::admin::Refusal> pin(index::VolumeId volume, bool pinned) {
        return answer<void>(
            [&](auto answer) { administrator->pin(volume, pinned, std::move(answer)); });
    }
    std::expected<void, daemon::admin::Refusal>
    set_limits(const daemon::admin::LimitChange& change) {
        return answer<void>(
            [&](auto answer) { administrator->set_limits(change, std::move(answer)); });
    }

    /// A report that is made after now.
    std::shared_ptr<const daemon::admin::CacheReport> fresh_report() {
        clock.advance(daemon::admin::Desk::interval);
        // A turn of the desk looks first, if that is due, and answers then. The one under way may
        // have found that it is not; the next one begins after this.
        for (int turn = 0; turn < 2; ++turn) {
            (void)answer<std::vector<daemon::admin::Age>>(
                [&](auto answer) { administrator->ages({}, std::move(answer)); });
        }
        return administrator->report();
    }

private:
    int names_ = 0;
    std::mutex mutex_;
    std::condition_variable called_;
    std::uint64_t calls_ = 0; // of the listener; under mutex_
};

} // namespace cachefiles::tests
