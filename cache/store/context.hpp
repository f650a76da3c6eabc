// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/rate_limit.hpp"
#include "cache/backend.hpp"
#include "cache/commit_queue.hpp"
#include "cache/store/graveyard.hpp"
#include "cache/store/in_use.hpp"
#include "cache/store/object_file.hpp"
#include "cache/store/recency.hpp"
#include "cache/store/root.hpp"
#include "cache/store/space_check.hpp"
#include "cache/store/store_counters.hpp"
#include "index/index.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>

namespace cachefiles::cache::store {

/// What a store is made of. The references are borrowed, and outlive all of its objects.
struct Options {
    std::filesystem::path root;
    BackendEvents& events;
    Log& log;
    const Clock& clock;
    std::function<StopLimits()> stop_limits; ///< empty: none. Any thread, often
    /// What is in the cache, and which blocks are present. Null: then what is present is told by
    /// the holes of a file, as the driver does it, and after a crash that can be wrong.
    index::Index* index = nullptr;
    /// A name was made or removed in that directory, and the index knows it. Any thread.
    std::function<void(index::DirectoryId)> on_changed = {};
    /// Blocks survive a crash after this long at the latest; 0: at sync() and detach() only.
    std::chrono::milliseconds commit_interval{5000};
    SpaceJudge space_judge = {}; ///< if there is one, it decides instead
    /// The file of an object was let go of; its size, in sectors of 512 bytes. Any thread.
    std::function<void(std::uint64_t)> on_released = {};
    std::shared_ptr<StoreCounters> counters = std::make_shared<StoreCounters>();
    int directory = -1; ///< `root`, if somebody has opened it already; borrowed by the constructor
};

/// What a store, its volumes and its objects share; the last of them ends it. Any thread.
class Context final {
public:
    /// Errors: SystemError, of Root.
    explicit Context(Options options);
    ~Context();
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    /// Where an error of the file system goes that nobody is told of otherwise. A disk that is
    /// failing (EIO, EUCLEAN, or EROFS, what ext4 makes of it) ends the cache; no room is no
    /// news; everything else is a warning, once a minute.
    void failed(std::string_view action, int error);
    /// The cache ends, whatever the error: it can give wrong answers.
    void broken(std::string_view action, int error);
    /// An object's file is not in use any more, for who counts them.
    void released(int fd) const;

    const Root root;
    Log& log;
    const Clock& clock;
    Graveyard graveyard;
    InUse in_use;
    const std::shared_ptr<SpaceCheck> space;
    index::Index* const index;
    const std::function<void(index::DirectoryId)> on_changed;
    const std::shared_ptr<StoreCounters> counters;
    const std::shared_ptr<CommitQueue> commits; ///< null without an index
    const std::shared_ptr<Recency> recency;     ///< the same
    [[nodiscard]] ObjectFile::Services file_services() const { return {space, commits, recency}; }

private:
    [[nodiscard]] std::shared_ptr<CommitQueue> make_queue(std::chrono::milliseconds interval);

    BackendEvents& events_;
    const std::function<void(std::uint64_t)> on_released_;
    std::mutex mutex_;
    RateLimit warnings_; // guarded by mutex_
};

} // namespace cachefiles::cache::store
