// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/fanotify_follower.hpp"

#include "base/error.hpp"
#include "daemon/kernel/tree_place.hpp"
#include "daemon/system/privileges.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <limits.h>
#include <linux/fanotify.h>
#include <sys/fanotify.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>

namespace cachefiles::daemon {
namespace {

constexpr std::uint64_t watched =
    FAN_CREATE | FAN_DELETE | FAN_MOVED_FROM | FAN_MOVED_TO | FAN_CLOSE_WRITE | FAN_ONDIR;

// Some 700 events, more than a fanotify read returns for the time between two of ours.
constexpr std::size_t read_buffer = 64 << 10;

// A handle and its answer take some 100 bytes. A cache of 256 volumes has as many directories;
// beyond that, and on a busy file system around the cache, answers are asked again.
constexpr std::size_t most_known = 100'000;

std::string path_of(int fd) {
    std::array<char, PATH_MAX> path{};
    const ssize_t length =
        readlink(fmt::format("/proc/self/fd/{}", fd).c_str(), path.data(), path.size());
    return length < 0 ? std::string() : std::string(path.data(), static_cast<std::size_t>(length));
}

/// The directory's handle as bytes (struct file_handle as it stands), and the name in it.
struct Where {
    std::string_view handle;
    std::string_view name;
};

std::optional<Where> where(const fanotify_event_metadata& event) {
    const auto* info = reinterpret_cast<const fanotify_event_info_fid*>(&event + 1);
    if (event.event_len < sizeof event + sizeof *info ||
        info->hdr.info_type != FAN_EVENT_INFO_TYPE_DFID_NAME)
        return std::nullopt;
    const auto* handle = reinterpret_cast<const file_handle*>(info->handle);
    const std::size_t size = sizeof *handle + handle->handle_bytes;
    const auto* bytes = reinterpret_cast<const char*>(handle);
    return Where{{bytes, size}, bytes + size};
}

} // namespace

Fd FanotifyFollower::make_group(int directory) {
    Fd group(fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_DFID_NAME | FAN_CLOEXEC | FAN_NONBLOCK,
                           O_RDONLY | O_CLOEXEC | O_LARGEFILE));
    if (!group)
        throw SystemError("fanotify_init");
    if (fanotify_mark(group.get(), FAN_MARK_ADD | FAN_MARK_FILESYSTEM, watched, directory,
                      nullptr) != 0)
        throw SystemError("fanotify_mark of the cache's file system");
    return group;
}

FanotifyFollower::FanotifyFollower(Fd group, const CacheTree& tree, index::Index& index)
    : group_(std::move(group)), self_(getpid()), tree_(tree), index_(index),
      cache_path_(path_of(tree.cache())) {}

bool FanotifyFollower::read(std::vector<TreeChange>& changes) {
    alignas(fanotify_event_metadata) std::array<char, read_buffer> buffer;
    bool complete = true;
    while (true) {
        const ssize_t length = ::read(group_.get(), buffer.data(), buffer.size());
        if (length <= 0) // EAGAIN: that was all; anything else: nothing more will come of it now
            return complete && (length == 0 || errno == EAGAIN || errno == EINTR);
        auto left = static_cast<long>(length);
        const auto* event = reinterpret_cast<const fanotify_event_metadata*>(buffer.data());
        for (; FAN_EVENT_OK(event, left); event = FAN_EVENT_NEXT(event, left)) {
            if ((event->mask & FAN_Q_OVERFLOW) != 0)
                complete = false;
            else
                translate(*event, changes);
        }
    }
}

void FanotifyFollower::translate(const fanotify_event_metadata& event,
                                 std::vector<TreeChange>& changes) {
    // Files that we removed: the culler tells the index itself.
    if (event.mask == FAN_DELETE && event.pid == self_)
        return;
    const std::optional<Where> at = where(event);
    if (!at)
        return;
    const Known& known = resolve(at->handle);
    if (!known.inside)
        return;
    TreeChange change;
    change.place = known.place;
    change.directory = known.directory;
    change.name = at->name;
    change.appeared = (event.mask & (FAN_CREATE | FAN_MOVED_TO)) != 0;
    change.vanished = (event.mask & (FAN_DELETE | FAN_MOVED_FROM)) != 0;
    change.released = (event.mask & FAN_CLOSE_WRITE) != 0;
    change.ours = event.pid == self_;
    changes.push_back(std::move(change));
}

const FanotifyFollower::Known& FanotifyFollower::resolve(std::string_view handle) {
    const std::string key(handle);
    if (const auto found = known_.find(key); found != known_.end())
        return found->second;
    if (known_.size() >= most_known)
        known_.clear();
    return known_.emplace(key, ask(handle)).first->second;
}

FanotifyFollower::Known FanotifyFollower::ask(std::string_view handle) {
    alignas(file_handle) std::array<char, sizeof(file_handle) + MAX_HANDLE_SZ> copy;
    if (handle.size() > copy.size())
        return {};
    std::memcpy(copy.data(), handle.data(), handle.size());
    const Fd directory(open_by_handle_at(tree_.cache(), reinterpret_cast<file_handle*>(copy.data()),
                                         O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!directory)
        return {};
    const std::string path = path_of(directory.get());
    if (!path.starts_with(cache_path_))
        return {};
    std::string_view inside = std::string_view(path).substr(cache_path_.size());
    if (!inside.empty() && inside.front() != '/')
        return {};
    inside.remove_prefix(inside.empty() ? 0 : 1);
    const std::optional<TreePlace> place = tree_place(inside);
    if (!place)
        return {};
    Known known{true, place->place, {}};
    if (place->place != Place::cache)
        known.directory = {index_.add_volume(place->volume), place->fanout};
    known.inside = place->place == Place::cache || known.directory.volume != 0;
    return known;
}

void FanotifyFollower::expect_deletions(bool reported) {
    const AdminPrivilege privilege; // the kernel asks for it at every change of such a mark
    fanotify_mark(group_.get(), (reported ? FAN_MARK_ADD : FAN_MARK_REMOVE) | FAN_MARK_FILESYSTEM,
                  FAN_DELETE, tree_.cache(), nullptr);
}

void FanotifyFollower::forget(index::VolumeId volume) {
    std::erase_if(known_, [volume](const auto& entry) {
        return entry.second.inside && entry.second.directory.volume == volume;
    });
}

} // namespace cachefiles::daemon
