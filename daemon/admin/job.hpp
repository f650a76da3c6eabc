// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cachefiles::daemon::admin {

using JobId = std::uint64_t; ///< from 1; never used twice

enum class JobKind { cull, purge, verify, dump };
enum class JobState { waiting, running, done, canceled, failed };

/// What to remove: at least one of the first three is given.
struct CullRequest {
    std::optional<std::uint64_t> bytes = {};   ///< at least
    std::optional<std::uint64_t> objects = {}; ///< at least
    std::optional<Seconds> older_than = {};    ///< all that was not used for so long
    std::optional<std::string> volume = {};    ///< a key; from this one only
    bool dry_run = false;
};

/// Everything that nobody uses. A pinned volume only if it is named.
struct PurgeRequest {
    std::optional<std::string> volume = {}; ///< a key; nothing: all volumes
    bool dry_run = false;
};

struct JobReport {
    JobId id = 0;
    JobKind kind = JobKind::cull;
    JobState state = JobState::waiting;
    unsigned progress = 0;     ///< permyriad
    std::uint64_t objects = 0; ///< removed, would be removed, compared, or written
    std::uint64_t bytes = 0;
    std::uint64_t busy = 0;            ///< left because they are in use
    std::vector<std::string> findings; ///< of verify
    std::string message;               ///< of a failure
};

} // namespace cachefiles::daemon::admin
