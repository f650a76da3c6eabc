// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "daemon/kernel/follower.hpp"
#include "daemon/tree/cache_tree.hpp"
#include "index/index.hpp"

#include <sys/types.h>

#include <optional>
#include <string_view>
#include <unordered_map>

struct fanotify_event_metadata;

namespace cachefiles::daemon {

/// Follows the cache with one fanotify mark on its file system (Linux 5.9: FAN_REPORT_DFID_NAME;
/// wants CAP_SYS_ADMIN to set up and CAP_DAC_READ_SEARCH to follow). The group's descriptor
/// outlives the process if somebody keeps it, and goes on collecting.
///
/// A file system mark reports everything that happens on the file system. Events come with the
/// handle of the directory; what each handle stands for is asked once and remembered, also if it
/// is none of ours.
class FanotifyFollower final : public Follower {
public:
    /// A new group with its mark. Errors: SystemError (ENODEV, EXDEV: the file system cannot).
    [[nodiscard]] static Fd make_group(int directory);

    /// Takes the group; borrows the rest. Volumes that are new get their number from `index`.
    FanotifyFollower(Fd group, const CacheTree& tree, index::Index& index);

    [[nodiscard]] bool read(std::vector<TreeChange>& changes) override;
    [[nodiscard]] int descriptor() const override { return group_.get(); }
    void forget(index::VolumeId volume) override;
    void expect_deletions(bool reported) override;

private:
    struct Known {
        bool inside = false;
        Place place = Place::cache;
        index::DirectoryId directory;
    };

    void translate(const fanotify_event_metadata& event, std::vector<TreeChange>& changes);
    const Known& resolve(std::string_view handle);
    [[nodiscard]] Known ask(std::string_view handle);

    Fd group_;
    pid_t self_; ///< asked once: it is a system call
    const CacheTree& tree_;
    index::Index& index_;
    std::string cache_path_; ///< of cache/, as the kernel prints it
    std::unordered_map<std::string, Known> known_;
};

} // namespace cachefiles::daemon
