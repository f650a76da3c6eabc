// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "daemon/tree/reconciler.hpp"
#include "daemon/worker.hpp"
#include "index/index.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string_view>
#include <vector>

namespace cachefiles::daemon {

/// The thread that looks after the user backend's index. Whoever makes or removes an object writes
/// that into the index himself. So it is compared with the tree only once, in the background, for
/// what happened while no daemon ran, and again if its contents are lost. At a clean end every
/// directory that was changed by us is marked as in step: the next start reads nothing. After a
/// crash their mtimes differ from their marks, and only they are read.
class IndexThread final {
public:
    struct Parts {
        index::Index& index;
        const CacheTree& tree;
        Reconciler& reconciler;
        const Clock& clock;
        Log& log;
        std::function<void()> compared; ///< knows_tree() may have become true
        /// The index was empty, and has been made from the cache. May be empty.
        std::function<void()> rebuilt = {};
    };

    struct Status {
        bool comparing = false;
        std::uint64_t compared = 0; ///< how often
        ReconcileReport last;       ///< without its lists
    };

    /// Before anybody can make a volume.
    explicit IndexThread(Parts parts);
    ~IndexThread() { stop(false); }
    IndexThread(const IndexThread&) = delete;
    IndexThread& operator=(const IndexThread&) = delete;

    void start();
    /// `clean`: the cache is withdrawn, and nobody changes it any more. Commits, and waits.
    void stop(bool clean);

    /// From any thread: we changed that directory.
    void changed(index::DirectoryId directory);
    /// From any thread: the index holds what is in the tree.
    [[nodiscard]] bool knows_tree() const { return knows_tree_; }
    [[nodiscard]] Status status() const;
    /// From any thread: a comparison of everything, as soon as the index knows the tree. It is
    /// ended in any case, at the latest by stop().
    void compare(std::shared_ptr<Comparison> comparison);
    [[nodiscard]] Progress& progress() { return worker_.progress(); }

private:
    void turn();
    void compare();
    void compare_asked();
    void compare_now(Comparison& comparison);
    void close();
    void look_again();
    void report(const ReconcileReport& found, bool filled);
    void mark_changed();
    void mark(index::DirectoryId directory, std::string_view volume_key);

    Parts parts_;
    std::atomic<bool> knows_tree_{false};
    std::uint64_t generation_ = 0;
    std::uint64_t foreign_ = 0;
    std::vector<index::DirectoryId> unsettled_; ///< to be read once more, when they are at rest
    std::chrono::nanoseconds compared_at_{0};
    std::set<index::VolumeId> found_; ///< volumes that were there before us

    mutable std::mutex mutex_; ///< guards what follows
    std::vector<std::shared_ptr<Comparison>> asked_;
    bool closed_ = false; ///< nobody will compare any more
    std::set<index::DirectoryId> changed_;
    Status status_;

    Worker worker_; // last: its thread uses all of this
};

} // namespace cachefiles::daemon
