// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/content.hpp"
#include "index/map_update.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace cachefiles::cache {

/// A file whose blocks are to become durable. Any thread.
class CommitTarget {
public:
    /// Under what the index knows its blocks.
    struct Identity {
        index::ObjectId object; ///< 0: it has no row (yet); whoever makes it sets the blocks
        index::ContentId content = 0;
    };

    CommitTarget() = default;
    CommitTarget(const CommitTarget&) = delete;
    CommitTarget& operator=(const CommitTarget&) = delete;
    virtual ~CommitTarget() = default;

    [[nodiscard]] virtual Identity identity() const = 0;
    /// Has the disk begin with these blocks, and does not wait for it. Of no account if it fails.
    virtual void begin_sync(const Content::Blocks& blocks) = 0;
    /// Brings its data to the disk. 0 or errno.
    [[nodiscard]] virtual int sync() = 0;
    /// That failed: what is in the file is not known any more.
    virtual void sync_failed() = 0;

private:
    friend class CommitQueue;
    bool withdrawn_ = false; ///< under the queue's mutex: what is added now comes too late
};

/// Makes blocks durable, many at once: first the data of all files is brought to the disk, then
/// their blocks are set in the index, in one transaction. So whatever the index says after a crash
/// is true. Blocks that cannot be set yet (full disk) stay here and are tried again.
///
/// Any thread. Never calls back under a lock that is held while it calls.
class CommitQueue final {
public:
    struct Options {
        /// Sets the blocks, and commits. False: not now.
        std::function<bool(std::span<const index::MapUpdate>)> set;
        /// A file could not be brought to the disk: errno.
        std::function<void(int error)> failed;
        /// So long it took to make a batch durable, whatever came of it. May be empty.
        std::function<void(std::chrono::nanoseconds)> took = {};
        /// Blocks wait this long at the most; 0: nothing is done unless somebody calls flush().
        std::chrono::milliseconds interval{5000};
        /// Nor do they wait when there is so much: a disk with a cache of its own may begin only
        /// when it is told to flush that, and would be idle while data come in.
        std::uint64_t bytes = 32 << 20;
        /// As soon as there is so much, it is written, but not flushed: the kernel's part of the
        /// work is then done when the flush comes.
        std::uint64_t begin_bytes = 4 << 20;
        /// Files that are brought to the disk at a time: a disk merges what comes at once, and a
        /// journal commits for all who wait.
        std::size_t threads = 4;
    };

    explicit CommitQueue(Options options);
    /// As stop().
    ~CommitQueue();
    CommitQueue(const CommitQueue&) = delete;
    CommitQueue& operator=(const CommitQueue&) = delete;

    void add(const std::shared_ptr<CommitTarget>& target, const Content::Blocks& blocks);
    /// All that waits when it is called is durable when it returns, or false: some of it is not.
    bool flush();
    /// Nothing of this file is set any more, once it has returned, whatever is added later. False:
    /// all that was added has been set.
    [[nodiscard]] bool withdraw(CommitTarget& target);
    /// Nothing is done any more, and nothing is accepted. What waits is dropped.
    void stop();

    /// Bytes of blocks that wait.
    [[nodiscard]] std::uint64_t waiting() const;

private:
    using Maps = std::map<std::uint32_t, index::ContentMap>;
    struct Entry {
        std::shared_ptr<CommitTarget> target;
        Maps maps;
        std::vector<Content::Blocks> fresh; ///< the disk has not begun with them
        int error = 0;                      ///< of its sync
    };
    using Batch = std::vector<Entry>;
    using Lock = std::unique_lock<std::mutex>;

    void run();
    void wait_for_batch(Lock& lock);
    void begin_sync(Lock& lock);
    static void note_fresh(Entry& entry, const Content::Blocks& blocks);
    [[nodiscard]] Batch take();
    void sync(Batch& batch) const;
    [[nodiscard]] bool set(const Batch& batch);
    void put_back(Batch& batch);

    const Options options_;
    std::mutex flushing_; // one at a time
    std::mutex setting_;  // held while blocks are set; before mutex_
    mutable std::mutex mutex_;
    std::condition_variable change_;
    // Everything below is under mutex_.
    std::unordered_map<const CommitTarget*, Entry> waiting_;
    std::unordered_set<const CommitTarget*> in_flight_;
    std::uint64_t bytes_ = 0;
    std::uint64_t fresh_bytes_ = 0;
    bool stopped_ = false;
    std::thread thread_; // last; joined by stop()
};

} // namespace cachefiles::cache
