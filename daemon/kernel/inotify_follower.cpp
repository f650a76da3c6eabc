// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/inotify_follower.hpp"

#include "base/error.hpp"
#include "daemon/tree/directory_contents.hpp"
#include "protocol/fanout_name.hpp"
#include "protocol/volume_name.hpp"

#include <fmt/format.h>

#include <sys/inotify.h>

#include <array>
#include <cerrno>

namespace cachefiles::daemon {
namespace {

constexpr std::uint32_t watched_events =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR;

constexpr std::size_t read_buffer = 64 << 10; // some thousand events

} // namespace

InotifyFollower::InotifyFollower(const CacheTree& tree, index::Index& index)
    : tree_(tree), index_(index), inotify_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    if (!inotify_)
        throw SystemError("inotify_init1");
    watch(tree.cache(), {Place::cache, {}});
    std::vector<std::string> keys;
    const auto visit = [&](const char* name, unsigned char) {
        if (const std::optional<std::string> key = protocol::decode_volume_name(name))
            keys.push_back(*key);
    };
    if (!read_names(tree.cache(), visit))
        throw SystemError("cannot read the cache");
    for (const std::string& key : keys)
        watch_volume(key);
}

void InotifyFollower::watch(int directory, Watched what) {
    // By descriptor: the path could lead elsewhere meanwhile.
    const int descriptor = inotify_add_watch(
        inotify_.get(), fmt::format("/proc/self/fd/{}/.", directory).c_str(), watched_events);
    if (descriptor < 0)
        throw SystemError("inotify_add_watch (fs.inotify.max_user_watches may be too small)");
    watched_[descriptor] = what;
}

void InotifyFollower::watch_volume(const std::string& key) {
    const Fd directory = tree_.open_volume(key);
    if (!directory)
        return; // a file, a symbolic link, or gone
    const index::VolumeId id = index_.add_volume(key);
    const std::optional<index::Volume> volume = index_.volume(id);
    if (!volume)
        return;
    watch(directory.get(), {Place::volume, {id, 0}});
    for (unsigned fanout = 0; fanout < 256; ++fanout)
        watch_fanout(*volume, static_cast<std::uint8_t>(fanout));
}

void InotifyFollower::watch_fanout(const index::Volume& volume, std::uint8_t fanout) {
    if (const Fd directory = tree_.open_fanout(volume.key, fanout))
        watch(directory.get(), {Place::fanout, {volume.id, fanout}});
}

bool InotifyFollower::read(std::vector<TreeChange>& changes) {
    alignas(inotify_event) std::array<char, read_buffer> buffer;
    bool complete = true;
    while (true) {
        const ssize_t length = ::read(inotify_.get(), buffer.data(), buffer.size());
        if (length <= 0)
            return complete && (length == 0 || errno == EAGAIN || errno == EINTR);
        for (std::size_t at = 0; at < static_cast<std::size_t>(length);) {
            const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
            at += sizeof *event + event->len;
            if ((event->mask & IN_Q_OVERFLOW) != 0)
                complete = false;
            else
                translate(*event, changes);
        }
    }
}

void InotifyFollower::translate(const inotify_event& event, std::vector<TreeChange>& changes) {
    const auto found = watched_.find(event.wd);
    if (found == watched_.end())
        return;
    const Watched where = found->second;
    if ((event.mask & IN_IGNORED) != 0) { // the directory is gone, and its watch with it
        watched_.erase(found);
        return;
    }
    TreeChange change;
    change.place = where.place;
    change.directory = where.directory;
    change.name = event.len > 0 ? &event.name[0] : "";
    change.appeared = (event.mask & (IN_CREATE | IN_MOVED_TO)) != 0;
    change.vanished = (event.mask & (IN_DELETE | IN_MOVED_FROM)) != 0;
    change.released = (event.mask & IN_CLOSE_WRITE) != 0;
    if (change.appeared && where.place != Place::fanout) {
        try {
            follow_directory(where, change.name);
        } catch (const SystemError&) {
            blind_ = true;
        }
    }
    changes.push_back(std::move(change));
}

/// A new directory is watched before the event is passed on: the keeper reads it then, and so finds
/// what came before the watch.
void InotifyFollower::follow_directory(const Watched& parent, const std::string& name) {
    if (parent.place == Place::cache) {
        if (const std::optional<std::string> key = protocol::decode_volume_name(name))
            watch_volume(*key);
        return;
    }
    const std::optional<std::uint8_t> fanout = protocol::parse_fanout_name(name);
    const std::optional<index::Volume> volume = index_.volume(parent.directory.volume);
    if (fanout && volume)
        watch_fanout(*volume, *fanout);
}

void InotifyFollower::forget(index::VolumeId volume) {
    std::erase_if(watched_, [&](const auto& entry) {
        if (entry.second.directory.volume != volume)
            return false;
        inotify_rm_watch(inotify_.get(), entry.first);
        return true;
    });
}

} // namespace cachefiles::daemon
