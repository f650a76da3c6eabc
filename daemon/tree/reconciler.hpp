// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.hpp"
#include "daemon/tree/cache_tree.hpp"
#include "daemon/tree/comparison.hpp"
#include "daemon/tree/directory_contents.hpp"
#include "index/index.hpp"

#include <atomic>
#include <functional>
#include <optional>
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
///
/// Objects may come and go meanwhile, and whoever makes or removes them may tell the index so. What
/// is new is not lost: only what the index knew before the directory was read is forgotten, and
/// only if it is still not there. A directory that changed while it was read is read again.
class Reconciler final {
public:
    struct Options {
        const CacheTree& tree;
        index::Index& index;
        const Clock& clock;
        Log& log;
        unsigned threads;
        /// Is that path below cache/ an object in use? Such a one stays in the index, whatever is
        /// in the tree: it may not have its name yet. Empty: no such objects.
        std::function<bool(const std::string& path)> in_use = {};
    };

    explicit Reconciler(Options options);

    /// The whole tree, with several threads. `go_on` is asked for each directory, by all of them.
    [[nodiscard]] ReconcileReport run(const std::function<bool()>& go_on);
    /// The same, but every directory is read, whatever its mark says, and what was not as it should
    /// be is added to `comparison`. Does not end it.
    [[nodiscard]] ReconcileReport compare(Comparison& comparison,
                                          const std::function<bool()>& go_on);

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

    [[nodiscard]] ReconcileReport go_through(const std::function<bool()>& go_on);
    [[nodiscard]] std::vector<index::Volume> find_volumes(ReconcileReport& report);
    void forget_volumes(const std::vector<index::Volume>& known,
                        const std::vector<std::string>& keys, ReconcileReport& report);
    [[nodiscard]] std::optional<std::string> key_of(const char* name) const;
    [[nodiscard]] std::vector<Work> find_directories(const std::vector<index::Volume>& volumes,
                                                     ReconcileReport& report);
    void work_off(const std::vector<Work>& work, const std::function<bool()>& go_on,
                  ReconcileReport& report);
    void look(const Work& work, std::int64_t mark, ReconcileReport& report);
    void read(const Work& work, int fd, ReconcileReport& report);
    void note_differences(const Work& work, const DirectoryContents& contents,
                          const std::vector<index::Object>& known);
    void note_unknown(const index::Volume& volume);
    [[nodiscard]] bool counts(std::int64_t mtime_ns) const;
    static void fail(index::DirectoryId directory, int error, ReconcileReport& report);
    [[nodiscard]] std::vector<index::Object> known_in(index::DirectoryId directory);
    void forget_vanished(const Work& work, int fd, std::vector<index::Object> rows,
                         ReconcileReport& report);
    [[nodiscard]] bool in_use(const Work& work, const std::string& name) const;
    [[nodiscard]] bool stays(const Work& work, int fd, const std::string& name) const;

    Options options_;
    const CacheTree& tree_;
    index::Index& index_;
    Comparison* comparison_ = nullptr; ///< of the run under way; usually none
    bool filling_ = false;             ///< the index was empty: nothing to compare with
    std::atomic<std::uint64_t> progress_{0};
};

} // namespace cachefiles::daemon
