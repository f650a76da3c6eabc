// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/user/user_evictor.hpp"

#include "base/error.hpp"
#include "base/open_beneath.hpp"
#include "cache/store/calls.hpp"
#include "daemon/tree/cache_tree.hpp"
#include "daemon/tree/directory_contents.hpp"
#include "daemon/user/object_path.hpp"
#include "protocol/fanout_name.hpp"

#include <fmt/format.h>

#include <fcntl.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>
#include <utility>

namespace cachefiles::daemon {

using cache::store::InUse;
using cull::Outcome;
using cull::Verdict;

namespace {

// A file system that refuses one deletion often refuses a million.
constexpr std::chrono::seconds warning_interval{10};

// Fewer victims than this are gone before another thread has begun.
constexpr std::size_t large_batch = 256;

} // namespace

UserEvictor::UserEvictor(Parts parts) : parts_(std::move(parts)), warnings_(warning_interval) {}

void UserEvictor::evict(std::span<const index::Object> victims, std::span<Outcome> outcomes) {
    if (!store_) {
        std::ranges::fill(outcomes, Outcome{Verdict::lost});
        return;
    }
    std::vector<Group> groups;
    for (std::size_t at = 0; at < victims.size();) {
        std::size_t end = at + 1;
        while (end < victims.size() && victims[end].id.directory() == victims[at].id.directory())
            ++end;
        groups.push_back({victims.subspan(at, end - at), outcomes.subspan(at, end - at)});
        at = end;
    }
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t at = next++; at < groups.size(); at = next++)
            evict_group(groups[at]);
    };
    std::vector<std::jthread> helpers;
    if (victims.size() >= large_batch) {
        for (std::size_t i = 1; i < std::min<std::size_t>(parts_.threads, groups.size()); ++i)
            helpers.emplace_back(work);
    }
    work();
}

void UserEvictor::evict_group(const Group& group) {
    const index::DirectoryId id = group.victims.front().id.directory();
    const std::optional<index::Volume> volume = parts_.index.volume(id.volume);
    if (!volume) {
        std::ranges::fill(group.outcomes, Outcome{Verdict::gone});
        return;
    }
    std::string path = fmt::format("{}/{}", CacheTree::volume_name(volume->key),
                                   protocol::format_fanout_name(id.fanout));
    const Fd directory = open_beneath(store_->root().cache(), path.c_str(), O_RDONLY | O_DIRECTORY);
    if (!directory) {
        const Verdict verdict = says_gone(errno) ? Verdict::gone : understand(errno, path);
        std::ranges::fill(group.outcomes, Outcome{verdict});
        return;
    }
    path += '/';
    const std::size_t prefix = path.size();
    bool evicted = false;
    for (std::size_t i = 0; i < group.victims.size(); ++i) {
        path.resize(prefix);
        path += group.victims[i].name;
        const Verdict verdict = evict_one(directory.get(), path, group.victims[i].name);
        group.outcomes[i] = {verdict};
        evicted |= verdict == Verdict::evicted;
    }
    if (evicted)
        parts_.changed(id);
}

Verdict UserEvictor::evict_one(int directory, const std::string& path, const std::string& name) {
    const std::chrono::nanoseconds start = parts_.clock.monotonic();
    const std::optional<InUse::Claim> claim = store_->in_use().claim_to_remove(path);
    if (!claim)
        return Verdict::busy;
    if (cache::store::calls::unlink_file(directory, name) == 0) {
        times_.observe(parts_.clock.monotonic() - start);
        return Verdict::evicted;
    }
    return errno == ENOENT ? Verdict::gone : understand(errno, path);
}

Verdict UserEvictor::understand(int error, const std::string& what) {
    warn(fmt::format("cannot cull {}: {}", what, errno_text(error)));
    const bool disk = error == EIO || error == EUCLEAN || error == EROFS;
    return disk ? Verdict::lost : Verdict::failed;
}

void UserEvictor::warn(const std::string& text) {
    const std::lock_guard lock(mutex_);
    if (const auto held_back = warnings_.pass(parts_.clock.monotonic()))
        parts_.log.warning(
            *held_back == 0 ? text : fmt::format("{} (and {} more of the kind)", text, *held_back));
}

/// Whoever acquires the volume anew meanwhile gets a directory of its own, and its objects are not
/// forgotten with the old ones: the index knows the volume by no key any more.
Verdict UserEvictor::evict_volume(const index::Volume& volume) {
    if (!store_)
        return Verdict::lost;
    if (!parts_.in_step()) // something younger may be in it
        return Verdict::busy;
    const std::string name = CacheTree::volume_name(volume.key);
    const std::optional<InUse::Claim> claim = store_->in_use().claim_to_remove(name);
    if (!claim)
        return Verdict::busy;
    if (const int error = store_->graveyard().bury(store_->root().cache(), name))
        return understand(error, name);
    parts_.index.orphan_volume(volume.id);
    return Verdict::evicted;
}

std::optional<std::vector<index::ObjectId>> UserEvictor::in_use() {
    if (!store_)
        return std::nullopt;
    const VolumeNames volumes(parts_.index);
    std::vector<index::ObjectId> found;
    for (const std::string& path : store_->in_use().paths()) {
        const std::optional<ObjectPath> parsed = parse_object_path(path);
        if (!parsed || parsed->name.empty())
            continue;
        const index::VolumeId volume = volumes.find(parsed->volume);
        if (const auto object = parts_.index.find({volume, parsed->fanout}, parsed->name))
            found.push_back(object->id);
    }
    return found;
}

std::optional<std::vector<index::VolumeId>> UserEvictor::volumes_in_use() {
    if (!store_)
        return std::nullopt;
    const VolumeNames volumes(parts_.index);
    std::vector<index::VolumeId> found;
    for (const std::string& path : store_->in_use().paths()) {
        if (const index::VolumeId volume = volumes.find(path); volume != 0)
            found.push_back(volume);
    }
    return found;
}

} // namespace cachefiles::daemon
