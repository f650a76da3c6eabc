// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.hpp"
#include "daemon/kernel/cache_tree.hpp"
#include "daemon/kernel/directory_contents.hpp"
#include "index/index.hpp"

#include <atomic>
#include <functional>
#include <string>
#include <vector>

namespace cachefiles::daemon {

/// What a comparison of the tree with the index did.
struct ReconcileReport {
    std::uint64_t volumes = 0;
    std::uint64_t directories = 0;
    std::uint64_t directories_read = 0; ///< the others had not changed since they were last in step
    std::uint64_t objects_read = 0;     ///< stat calls
    std::uint64_t removed = 0;          ///< objects of the index that were not there any more
    Foreign foreign;
    std::vector<index::DirectoryId> unsettled; ///< read, but changed too recently to be marked
    std::vector<index::DirectoryId> unread;    ///< the file system refused it: try again later
    int read_error = 0;                        ///< why, of one of them
    std::vector<index::VolumeId> unusable;     ///< volumes that the driver refuses for ever
    bool complete = true;                      ///< false: asked to stop
};

/// Brings the index in step with the tree, at a cost of O(directories): a directory whose mtime is
/// the one at which it was last in step (Index::mark) is not read again.
///
/// A mark is set only if the directory had been at rest for a while when it was read: mtime has the
/// granularity of a timer tick, so a change right after the reading could leave it unmoved.
class Reconciler final {
public:
    Reconciler(const CacheTree& tree, index::Index& index, const Clock& clock, Log& log,
               unsigned threads);

    /// The whole tree, with several threads. `go_on` is asked for each directory, by all of them.
    [[nodiscard]] ReconcileReport run(const std::function<bool()>& go_on);

    /// One directory, whatever its mark says. Adds to `report`.
    void refresh(index::DirectoryId directory, std::string_view volume_key,
                 ReconcileReport& report);

    /// Directories looked at in the run under way; from any thread.
    [[nodiscard]] std::uint64_t progress() const { return progress_; }

private:
    struct Work {
        index::DirectoryId directory;
        const std::string* volume_key;
    };

    [[nodiscard]] std::vector<index::Volume> find_volumes(ReconcileReport& report);
    [[nodiscard]] std::vector<Work> find_directories(const std::vector<index::Volume>& volumes,
                                                     ReconcileReport& report);
    void work_off(const std::vector<Work>& work, const std::function<bool()>& go_on,
                  ReconcileReport& report);
    void look(const Work& work, std::int64_t mark, ReconcileReport& report);
    void read(index::DirectoryId directory, int fd, ReconcileReport& report);
    static void fail(index::DirectoryId directory, int error, ReconcileReport& report);
    void apply(index::DirectoryId directory, const std::vector<index::Object>& found,
               ReconcileReport& report);

    const CacheTree& tree_;
    index::Index& index_;
    const Clock& clock_;
    Log& log_;
    unsigned threads_;
    bool filling_ = false; ///< the index was empty: nothing to compare with
    std::atomic<std::uint64_t> progress_{0};
};

} // namespace cachefiles::daemon
