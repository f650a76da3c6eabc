// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/tree_thread.hpp"

#include "base/message_ids.hpp"
#include "daemon/system/io_priority.hpp"

#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <utility>

namespace cachefiles::daemon {
namespace {

using namespace std::chrono_literals;

// Events of one object come in groups, and the kernel merges those that wait: a short rest makes
// one record, and one look at the file, out of several.
constexpr std::chrono::nanoseconds merging_time = 100ms;

// Commits and marks become due by the second.
constexpr std::chrono::nanoseconds tick = 1s;

// Without events: how often the directories' mtimes are compared.
constexpr std::chrono::nanoseconds comparing_interval = 5min;

} // namespace

TreeThread::TreeThread(Parts parts)
    : parts_(std::move(parts)), worker_(parts_.log, "following the cache") {}

void TreeThread::start() {
    worker_.start({[] { set_io_priority(IoPriority::idle); }, [this] { turn(); },
                   [this] { wait(); },
                   [this] {
                       finish();
                   }});
}

void TreeThread::stop(bool last) {
    last_ = last;
    worker_.stop();
    close();
}

void TreeThread::changed(index::DirectoryId directory) {
    const std::lock_guard lock(mutex_);
    if (changed_.empty() || changed_.back() != directory)
        changed_.push_back(directory);
}

TreeThread::Status TreeThread::status() const {
    const std::lock_guard lock(mutex_);
    return status_;
}

void TreeThread::turn() {
    if (!parts_.keeper.follow()) {
        in_step_ = false;
        // Uses move no directory's mtime: no comparison finds the ones that were dropped.
        parts_.index.use_volumes(parts_.clock.now());
        parts_.log.write(Severity::warning, message_id::events_lost,
                         "the kernel dropped events; comparing the cache with the index", {});
    }
    const std::uint64_t generation = parts_.index.generation();
    if (std::exchange(generation_, generation) != generation)
        knows_tree_ = in_step_ = false;
    const bool blind = parts_.follower == nullptr || !parts_.follower->sees_everything();
    const bool due = blind && parts_.clock.monotonic() - reconciled_at_ > comparing_interval;
    if (!in_step_ || due)
        reconcile();
    else
        compare_asked();
    std::vector<index::DirectoryId> changed;
    {
        const std::lock_guard lock(mutex_);
        changed.swap(changed_);
        status_.events = parts_.keeper.counters();
        status_.in_step = in_step_;
    }
    parts_.keeper.expect_rest(changed);
    // Out of step, events are missing: a mark would hide for ever what they would have told.
    const std::size_t unsettled = in_step_ ? parts_.keeper.settle(false) : 0;
    {
        const std::lock_guard lock(mutex_);
        status_.unsettled = unsettled;
    }
    parts_.index.commit_if_due();
    check_objects();
}

void TreeThread::wait() {
    if (more_to_check_ || worker_.stopping())
        return;
    const int events = parts_.follower != nullptr ? parts_.follower->descriptor() : -1;
    if (worker_.wait(events, tick).by_descriptor && !worker_.stopping())
        worker_.wait(-1, merging_time);
}

void TreeThread::reconcile() {
    const bool filled = parts_.index.totals().objects == 0;
    {
        const std::lock_guard lock(mutex_);
        status_.reconciling = true;
    }
    const ReconcileReport found = parts_.reconciler.run([this] { return worker_.go_on(); });
    in_step_ = found.complete;
    knows_tree_ = knows_tree_ || found.complete;
    reconciled_at_ = parts_.clock.monotonic();
    parts_.keeper.expect_rest(found.unsettled);
    parts_.keeper.try_again(found.unread);
    if (!found.unusable.empty())
        parts_.unusable({}, found.unusable);
    report(found, filled);
    parts_.compared();
}

void TreeThread::compare(std::shared_ptr<Comparison> comparison) {
    {
        const std::lock_guard lock(mutex_);
        if (!closed_) {
            asked_.push_back(std::move(comparison));
            worker_.wake();
            return;
        }
    }
    comparison->end(false);
}

void TreeThread::compare_asked() {
    std::vector<std::shared_ptr<Comparison>> asked;
    {
        const std::lock_guard lock(mutex_);
        asked.swap(asked_);
    }
    for (const std::shared_ptr<Comparison>& comparison : asked) {
        try {
            compare_now(*comparison);
        } catch (const std::exception& error) {
            comparison->add(error.what());
            comparison->end(false);
        }
    }
}

void TreeThread::compare_now(Comparison& comparison) {
    const ReconcileReport found =
        parts_.reconciler.compare(comparison, [this] { return worker_.go_on(); });
    parts_.keeper.expect_rest(found.unsettled);
    parts_.keeper.try_again(found.unread);
    report(found, false);
    comparison.end(found.complete);
}

void TreeThread::close() {
    std::vector<std::shared_ptr<Comparison>> left;
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        left.swap(asked_);
    }
    for (const std::shared_ptr<Comparison>& comparison : left)
        comparison->end(false);
}

void TreeThread::report(const ReconcileReport& found, bool filled) {
    {
        const std::lock_guard lock(mutex_);
        status_.reconciling = false;
        status_.in_step = in_step_;
        ++status_.reconciled;
        status_.last = found;
    }
    const std::string summary = fmt::format(
        "compared the cache with the index: {} volumes, {} of {} directories read, {} objects "
        "looked at, {} forgotten",
        found.volumes, found.directories_read, found.directories, found.objects_read,
        found.removed);
    const bool rebuilt = filled && found.objects_read > 0;
    parts_.log.write(rebuilt ? Severity::notice : Severity::info,
                     rebuilt ? message_id::index_rebuilt : std::string_view(), summary, {});
    if (rebuilt && parts_.rebuilt)
        parts_.rebuilt();
    if (found.foreign.entries != 0 && found.foreign.entries != foreign_)
        parts_.log.write(Severity::notice, message_id::foreign_files,
                         fmt::format("{} entries in the cache are not the driver's, such as {}; "
                                     "they are left alone",
                                     found.foreign.entries, found.foreign.example),
                         {});
    foreign_ = found.foreign.entries;
}

/// One directory at a time, so that events never wait long.
void TreeThread::check_objects() {
    std::vector<index::Object> unusable;
    more_to_check_ = in_step_ && parts_.checker.step(unusable);
    if (!unusable.empty())
        parts_.unusable(std::move(unusable), {});
}

void TreeThread::finish() {
    const bool complete = parts_.keeper.follow();
    if (complete && in_step_)
        parts_.keeper.settle(last_);
    parts_.index.commit();
}

} // namespace cachefiles::daemon
