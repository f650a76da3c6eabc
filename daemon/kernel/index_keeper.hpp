// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.hpp"
#include "daemon/kernel/follower.hpp"
#include "daemon/tree/cache_tree.hpp"
#include "daemon/tree/reconciler.hpp"
#include "index/index.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <vector>

namespace cachefiles::daemon {

/// Keeps the index in step with the cache's tree: takes what the follower reports, looks again at
/// what is there, and marks directories as in step once they have come to rest.
///
/// An object was used until now when the driver closes it, and also when it appears: a new object
/// gets its name at the end of its first use, and its close is reported under the name that it had
/// before (seen on Linux 6.1 and 6.12). Belongs to one thread.
class IndexKeeper final {
public:
    struct Counters {
        std::uint64_t changes = 0;   ///< names that something happened to
        std::uint64_t released = 0;  ///< of them: objects that the driver let go of, or made
        std::uint64_t looked_at = 0; ///< stat calls
        std::uint64_t overflows = 0;
    };

    /// `follower` may be null: then only reconciling finds out what changed.
    IndexKeeper(const CacheTree& tree, index::Index& index, Follower* follower,
                Reconciler& reconciler, const Clock& clock);

    /// Takes in what happened. False: events were lost, and the caller has to reconcile.
    [[nodiscard]] bool follow();

    /// What a reconciliation left to be settled, and what the culler changed.
    void expect_rest(std::span<const index::DirectoryId> directories);

    /// Directories that could not be read, or not looked at: they are read as soon as that is
    /// possible, at the latest by the next comparison.
    void try_again(std::span<const index::DirectoryId> directories);

    /// Marks directories that have been at rest long enough. At the end (`last`: the device is
    /// closed, nobody changes the cache any more) also those that have not. Returns how many wait.
    std::size_t settle(bool last);

    [[nodiscard]] const Counters& counters() const { return counters_; }

private:
    using Clock_ns = std::chrono::nanoseconds;

    struct Restless {
        Clock_ns changed{0};  ///< when last
        bool unknown = false; ///< what changed could not be seen: it has to be read
    };

    void apply(std::vector<TreeChange>& changes);
    void apply_directory(index::DirectoryId directory, std::span<const TreeChange> changes);
    void apply_object(index::DirectoryId directory, int fd, const TreeChange& change);
    void apply_volume(const TreeChange& change);
    void read_volume(const std::string& key);
    void apply_fanout(const TreeChange& change);
    void refresh(index::DirectoryId directory, const std::string& volume_key);
    [[nodiscard]] bool read_again(index::DirectoryId directory);
    [[nodiscard]] bool mark(index::DirectoryId directory, bool last);

    const CacheTree& tree_;
    index::Index& index_;
    Follower* follower_;
    Reconciler& reconciler_;
    const Clock& clock_;
    std::map<index::DirectoryId, Restless> restless_;
    std::vector<TreeChange> changes_; ///< kept for its memory
    Seconds followed_at_ = 0;         ///< when the follower was read last
    Counters counters_;
};

} // namespace cachefiles::daemon
