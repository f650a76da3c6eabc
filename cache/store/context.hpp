// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/rate_limit.hpp"
#include "cache/backend.hpp"
#include "cache/store/graveyard.hpp"
#include "cache/store/in_use.hpp"
#include "cache/store/root.hpp"
#include "cache/store/space_check.hpp"

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
};

/// What a store, its volumes and its objects share; the last of them ends it. Any thread.
class Context final {
public:
    /// Errors: SystemError, of Root.
    explicit Context(Options options);

    /// Where an error of the file system goes that nobody is told of otherwise. A disk that is
    /// failing (EIO, EUCLEAN, or EROFS, what ext4 makes of it) ends the cache; no room is no
    /// news; everything else is a warning, once a minute.
    void failed(std::string_view action, int error);
    /// The cache ends, whatever the error: it can give wrong answers.
    void broken(std::string_view action, int error);

    const Root root;
    Log& log;
    const Clock& clock;
    Graveyard graveyard;
    InUse in_use;
    const std::shared_ptr<SpaceCheck> space;

private:
    BackendEvents& events_;
    std::mutex mutex_;
    RateLimit warnings_; // guarded by mutex_
};

} // namespace cachefiles::cache::store
