// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "daemon/kernel/follower.hpp"
#include "daemon/tree/cache_tree.hpp"
#include "index/index.hpp"

#include <string>
#include <unordered_map>

struct inotify_event;

namespace cachefiles::daemon {

/// Follows the cache with one inotify watch for each directory, where fanotify is refused (no
/// CAP_SYS_ADMIN, or a file system whose handles it cannot report). Every volume takes 257 of
/// fs.inotify.max_user_watches, and what happens before a new directory is watched is found by
/// reading it. Who did something is not reported, so nothing counts as ours.
class InotifyFollower final : public Follower {
public:
    /// Borrows both. Errors: SystemError (ENOSPC: too many directories for the limit).
    InotifyFollower(const CacheTree& tree, index::Index& index);

    [[nodiscard]] bool read(std::vector<TreeChange>& changes) override;
    [[nodiscard]] int descriptor() const override { return inotify_.get(); }
    [[nodiscard]] bool sees_everything() const override { return !blind_; }
    void forget(index::VolumeId volume) override;

private:
    struct Watched {
        Place place = Place::cache;
        index::DirectoryId directory;
    };

    void watch_volume(const std::string& key);
    void watch_fanout(const index::Volume& volume, std::uint8_t fanout);
    void watch(int directory, Watched what);
    void translate(const inotify_event& event, std::vector<TreeChange>& changes);
    void follow_directory(const Watched& parent, const std::string& name);

    const CacheTree& tree_;
    index::Index& index_;
    Fd inotify_;
    std::unordered_map<int, Watched> watched_; ///< by watch descriptor
    bool blind_ = false;                       ///< a new directory could not be watched
};

} // namespace cachefiles::daemon
