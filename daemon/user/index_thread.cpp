// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/user/index_thread.hpp"

#include "base/message_ids.hpp"
#include "daemon/system/io_priority.hpp"
#include "daemon/tree/directory_contents.hpp"
#include "daemon/tree/settling.hpp"

#include <fmt/format.h>

#include <exception>
#include <utility>

namespace cachefiles::daemon {
namespace {

using namespace std::chrono_literals;

// Commits become due by the second.
constexpr std::chrono::nanoseconds tick = 1s;

// Then every directory has been at rest, or was changed by us meanwhile.
constexpr std::chrono::nanoseconds rest = 2 * std::chrono::seconds(settling_time);

} // namespace

IndexThread::IndexThread(Parts parts)
    : parts_(std::move(parts)), generation_(parts_.index.generation()),
      worker_(parts_.log, "comparing the cache") {
    for (const index::Volume& volume : parts_.index.volumes())
        found_.insert(volume.id);
}

void IndexThread::start() {
    worker_.start({[] { set_io_priority(IoPriority::idle); }, [this] { turn(); },
                   [this] {
                       worker_.wait(-1, tick);
                   }});
}

void IndexThread::stop(bool clean) {
    const bool ran = worker_.stop();
    close();
    if (!ran)
        return;
    if (clean && knows_tree_)
        mark_changed();
    parts_.index.commit();
}

void IndexThread::changed(index::DirectoryId directory) {
    const std::lock_guard lock(mutex_);
    changed_.insert(directory);
}

IndexThread::Status IndexThread::status() const {
    const std::lock_guard lock(mutex_);
    return status_;
}

void IndexThread::turn() {
    const std::uint64_t generation = parts_.index.generation();
    if (std::exchange(generation_, generation) != generation)
        knows_tree_ = false;
    if (!knows_tree_)
        compare();
    else if (!unsettled_.empty() && parts_.clock.monotonic() - compared_at_ > rest)
        look_again();
    else
        compare_asked();
    parts_.index.commit_if_due();
}

void IndexThread::compare() {
    const bool filled = parts_.index.totals().objects == 0;
    {
        const std::lock_guard lock(mutex_);
        status_.comparing = true;
    }
    const ReconcileReport found = parts_.reconciler.run([this] { return worker_.go_on(); });
    unsettled_ = found.unsettled;
    unsettled_.insert(unsettled_.end(), found.unread.begin(), found.unread.end());
    compared_at_ = parts_.clock.monotonic();
    knows_tree_ = found.complete;
    report(found, filled);
    parts_.compared();
}

/// Once: what still is not at rest is being changed by us, and is marked at the end.
void IndexThread::look_again() {
    ReconcileReport found;
    for (const index::DirectoryId directory : std::exchange(unsettled_, {})) {
        worker_.progress().step();
        if (const std::optional<index::Volume> volume = parts_.index.volume(directory.volume))
            parts_.reconciler.refresh(directory, volume->key, found);
    }
}

void IndexThread::compare(std::shared_ptr<Comparison> comparison) {
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

void IndexThread::compare_asked() {
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

void IndexThread::compare_now(Comparison& comparison) {
    const ReconcileReport found =
        parts_.reconciler.compare(comparison, [this] { return worker_.go_on(); });
    unsettled_ = found.unsettled;
    unsettled_.insert(unsettled_.end(), found.unread.begin(), found.unread.end());
    compared_at_ = parts_.clock.monotonic();
    report(found, false);
    comparison.end(found.complete);
}

void IndexThread::close() {
    std::vector<std::shared_ptr<Comparison>> left;
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        left.swap(asked_);
    }
    for (const std::shared_ptr<Comparison>& comparison : left)
        comparison->end(false);
}

void IndexThread::report(const ReconcileReport& found, bool filled) {
    {
        const std::lock_guard lock(mutex_);
        status_.comparing = false;
        ++status_.compared;
        status_.last = found;
        status_.last.unsettled.clear();
        status_.last.unread.clear();
        status_.last.unusable.clear();
    }
    const bool rebuilt = filled && found.objects_read > 0;
    parts_.log.write(
        rebuilt ? Severity::notice : Severity::info,
        rebuilt ? message_id::index_rebuilt : std::string_view(),
        fmt::format("compared the cache with the index: {} volumes, {} of {} directories read, {} "
                    "objects looked at, {} forgotten",
                    found.volumes, found.directories_read, found.directories, found.objects_read,
                    found.removed),
        {});
    if (rebuilt && parts_.rebuilt)
        parts_.rebuilt();
    if (found.foreign.entries != 0 && found.foreign.entries != foreign_)
        parts_.log.write(Severity::notice, message_id::foreign_files,
                         fmt::format("{} entries in the cache are not ours, such as {}; they are "
                                     "left alone",
                                     found.foreign.entries, found.foreign.example),
                         {});
    foreign_ = found.foreign.entries;
}

/// What we changed, and all of what we made: most directories of a new volume are empty.
void IndexThread::mark_changed() {
    std::set<index::DirectoryId> directories;
    {
        const std::lock_guard lock(mutex_);
        directories.swap(changed_);
    }
    for (const index::Volume& volume : parts_.index.volumes()) {
        const bool made_by_us = !found_.contains(volume.id);
        for (unsigned number = 0; number < 256; ++number) {
            const index::DirectoryId directory{volume.id, static_cast<std::uint8_t>(number)};
            if (made_by_us || directories.contains(directory))
                mark(directory, volume.key);
        }
    }
}

void IndexThread::mark(index::DirectoryId directory, std::string_view volume_key) {
    const Fd fd = parts_.tree.open_fanout(volume_key, directory.fanout);
    if (const std::optional<std::int64_t> mtime = mtime_of(fd.get()))
        parts_.index.set_mark(directory, *mtime);
}

} // namespace cachefiles::daemon
