// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/index_keeper.hpp"

#include "daemon/tree/settling.hpp"
#include "protocol/fanout_name.hpp"
#include "protocol/volume_name.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <tuple>

namespace cachefiles::daemon {
namespace {

// Directories looked at in one settle(): each costs an open and a stat, and events must not wait.
constexpr std::size_t settled_at_once = 512;

bool same_name(const TreeChange& a, const TreeChange& b) {
    return a.place == b.place && a.directory == b.directory && a.name == b.name;
}

/// One change for each name, grouped by directory.
void merge_names(std::vector<TreeChange>& changes) {
    std::stable_sort(changes.begin(), changes.end(), [](const TreeChange& a, const TreeChange& b) {
        return std::tie(a.place, a.directory, a.name) < std::tie(b.place, b.directory, b.name);
    });
    std::size_t kept = 0;
    for (std::size_t at = 1; at < changes.size(); ++at) {
        if (same_name(changes[kept], changes[at]))
            changes[kept].merge(changes[at]);
        else if (++kept != at)
            changes[kept] = std::move(changes[at]);
    }
    if (!changes.empty())
        changes.resize(kept + 1);
}

} // namespace

IndexKeeper::IndexKeeper(const CacheTree& tree, index::Index& index, Follower* follower,
                         Reconciler& reconciler, const Clock& clock)
    : tree_(tree), index_(index), follower_(follower), reconciler_(reconciler), clock_(clock) {}

bool IndexKeeper::follow() {
    if (follower_ == nullptr)
        return true;
    changes_.clear();
    followed_at_ = clock_.now();
    const bool complete = follower_->read(changes_);
    apply(changes_);
    if (!complete)
        ++counters_.overflows;
    return complete;
}

void IndexKeeper::apply(std::vector<TreeChange>& changes) {
    merge_names(changes);
    counters_.changes += changes.size();
    for (auto at = changes.begin(); at != changes.end();) {
        if (at->place != Place::fanout) {
            at->place == Place::cache ? apply_volume(*at) : apply_fanout(*at);
            ++at;
            continue;
        }
        const auto end = std::find_if(at, changes.end(), [&](const TreeChange& change) {
            return change.directory != at->directory;
        });
        apply_directory(at->directory, {at, end});
        at = end;
    }
}

void IndexKeeper::apply_directory(index::DirectoryId directory,
                                  std::span<const TreeChange> changes) {
    const bool moved = std::any_of(changes.begin(), changes.end(), [](const TreeChange& change) {
        return change.appeared || change.vanished;
    });
    if (moved)
        restless_[directory].changed = clock_.monotonic();
    if (std::all_of(changes.begin(), changes.end(), [](const TreeChange& c) { return c.ours; }))
        return; // the culler has told the index already
    const std::optional<index::Volume> volume = index_.volume(directory.volume);
    if (!volume)
        return; // removed, with all its objects
    const Fd fd = tree_.open_fanout(volume->key, directory.fanout);
    if (!fd && !says_gone(errno))
        return try_again({&directory, 1});
    for (const TreeChange& change : changes) {
        if (!change.ours && may_be_object(change.name))
            apply_object(directory, fd.get(), change);
    }
}

void IndexKeeper::apply_object(index::DirectoryId directory, int fd, const TreeChange& change) {
    std::optional<index::Attributes> attributes;
    if (fd >= 0)
        attributes = look_at(fd, change.name.c_str());
    ++counters_.looked_at;
    if (!attributes && fd >= 0 && !says_gone(errno))
        return try_again({&directory, 1});
    if (!attributes) {
        index_.forget(directory, change.name);
        return;
    }
    if (change.released || change.appeared) {
        ++counters_.released;
        attributes->last_use = clock_.now();
    }
    index_.put(directory, change.name, *attributes);
}

void IndexKeeper::apply_volume(const TreeChange& change) {
    const std::optional<std::string> key = protocol::decode_volume_name(change.name);
    if (!key)
        return;
    const Fd directory = tree_.open_volume(*key);
    const bool there = directory || !says_gone(errno);
    if (there && !change.vanished) {
        read_volume(*key);
        return;
    }
    for (const index::Volume& volume : index_.volumes()) {
        if (volume.key != *key)
            continue;
        if (follower_ != nullptr)
            follower_->forget(volume.id);
        if (!there)
            index_.remove_volume(volume.id);
    }
}

/// Nearly always a new and empty one; but it may have been moved here with its objects, and inotify
/// does not tell what happened before its directories were watched.
void IndexKeeper::read_volume(const std::string& key) {
    const index::VolumeId id = index_.add_volume(key);
    for (unsigned fanout = 0; id != 0 && fanout < 256; ++fanout)
        refresh({id, static_cast<std::uint8_t>(fanout)}, key);
}

void IndexKeeper::apply_fanout(const TreeChange& change) {
    const std::optional<std::uint8_t> fanout = protocol::parse_fanout_name(change.name);
    const std::optional<index::Volume> volume = index_.volume(change.directory.volume);
    if (!fanout || !volume || change.ours)
        return;
    refresh({volume->id, *fanout}, volume->key);
}

void IndexKeeper::refresh(index::DirectoryId directory, const std::string& volume_key) {
    ReconcileReport report;
    reconciler_.refresh(directory, volume_key, report);
    expect_rest(report.unsettled);
    try_again(report.unread);
}

void IndexKeeper::expect_rest(std::span<const index::DirectoryId> directories) {
    for (const index::DirectoryId directory : directories)
        restless_[directory].changed = clock_.monotonic();
}

void IndexKeeper::try_again(std::span<const index::DirectoryId> directories) {
    for (const index::DirectoryId directory : directories) {
        index_.clear_mark(directory);
        restless_[directory] = {clock_.monotonic(), true};
    }
}

std::size_t IndexKeeper::settle(bool last) {
    if (follower_ == nullptr)
        restless_.clear(); // nobody would tell us of a change after the mark's look
    std::vector<index::DirectoryId> quiet;
    const Clock_ns rest = std::chrono::seconds(settling_time);
    for (const auto& [directory, state] : restless_) {
        if (last || clock_.monotonic() - state.changed > rest)
            quiet.push_back(directory);
        if (!last && quiet.size() == settled_at_once)
            break;
    }
    for (const index::DirectoryId directory : quiet) {
        const bool unknown = restless_[directory].unknown;
        if (unknown ? read_again(directory) : mark(directory, last))
            restless_.erase(directory);
        else
            restless_[directory].changed = clock_.monotonic();
    }
    return restless_.size();
}

/// False if it cannot be read even now, or has to come to rest first.
bool IndexKeeper::read_again(index::DirectoryId directory) {
    const std::optional<index::Volume> volume = index_.volume(directory.volume);
    if (!volume)
        return true;
    ReconcileReport report;
    reconciler_.refresh(directory, volume->key, report);
    restless_[directory].unknown = !report.unread.empty();
    return report.unread.empty() && report.unsettled.empty();
}

/// The mark is right because the mtime is old enough for the event of that change to have been
/// queued when the follower was read last. What happened since then is still to be read.
bool IndexKeeper::mark(index::DirectoryId directory, bool last) {
    const std::optional<index::Volume> volume = index_.volume(directory.volume);
    if (!volume)
        return true;
    const Fd fd = tree_.open_fanout(volume->key, directory.fanout);
    if (!fd)
        return true;
    const std::optional<std::int64_t> mtime = mtime_of(fd.get());
    if (!mtime || (!last && !settled(*mtime, followed_at_)))
        return false;
    index_.set_mark(directory, *mtime);
    return true;
}

} // namespace cachefiles::daemon
