// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.hpp"
#include "daemon/kernel/index_keeper.hpp"
#include "daemon/kernel/object_checker.hpp"
#include "daemon/tree/reconciler.hpp"
#include "daemon/worker.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace cachefiles::daemon {

/// The thread that keeps the index in step with the tree: compares both at start and whenever
/// events were lost, follows events, commits, and checks objects while nothing else is to be done.
class TreeThread final {
public:
    /// What was found that the driver can never use again.
    using Unusable = std::function<void(std::vector<index::Object>, std::vector<index::VolumeId>)>;

    struct Parts {
        index::Index& index;
        Follower* follower; ///< null: the tree is compared every few minutes instead
        Reconciler& reconciler;
        IndexKeeper& keeper;
        ObjectChecker& checker;
        const Clock& clock;
        Log& log;
        Unusable unusable;
        std::function<void()> compared; ///< knows_tree() may have become true
        /// The index was empty, and has been made from the cache. May be empty.
        std::function<void()> rebuilt = {};
    };

    struct Status {
        bool in_step = false; ///< the index holds what is in the tree
        bool reconciling = false;
        std::uint64_t reconciled = 0; ///< how often
        std::size_t unsettled = 0;    ///< directories that changed too recently to be marked
        ReconcileReport last;         ///< without its lists
        IndexKeeper::Counters events;
    };

    explicit TreeThread(Parts parts);
    ~TreeThread() { stop(false); }
    TreeThread(const TreeThread&) = delete;
    TreeThread& operator=(const TreeThread&) = delete;

    void start();
    /// Takes in what is still to be read, and ends. `last`: the device is closed, so that every
    /// directory is at rest. Waits.
    void stop(bool last);

    /// From any thread: that directory changed by our own doing.
    void changed(index::DirectoryId directory);
    /// From any thread: has the index been compared with the tree since the start, and since its
    /// contents were lost? Until then it may know the youngest objects only.
    [[nodiscard]] bool knows_tree() const { return knows_tree_; }
    /// From any thread: the index holds what is in the tree.
    [[nodiscard]] bool in_step() const { return in_step_; }
    [[nodiscard]] Status status() const;
    /// From any thread: a comparison of everything, as soon as the index knows the tree. It is
    /// ended in any case, at the latest by stop().
    void compare(std::shared_ptr<Comparison> comparison);
    [[nodiscard]] Progress& progress() { return worker_.progress(); }

private:
    void turn();
    void wait();
    void reconcile();
    void compare_asked();
    void compare_now(Comparison& comparison);
    void close();
    void report(const ReconcileReport& report, bool filled);
    void check_objects();
    void finish();

    Parts parts_;
    bool last_ = false;

    std::atomic<bool> knows_tree_{false};
    std::atomic<bool> in_step_{false};
    bool more_to_check_ = false;
    std::uint64_t generation_ = 0;
    std::uint64_t foreign_ = 0;
    std::chrono::nanoseconds reconciled_at_{0};

    mutable std::mutex mutex_; ///< guards what follows
    std::vector<std::shared_ptr<Comparison>> asked_;
    bool closed_ = false; ///< nobody will compare any more
    std::vector<index::DirectoryId> changed_;
    Status status_;

    Worker worker_; // last: its thread uses all of this
};

} // namespace cachefiles::daemon
