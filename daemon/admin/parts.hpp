// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "daemon/admin/administration.hpp"
#include "daemon/admin/event_queue.hpp"
#include "daemon/admin/in_use_source.hpp"
#include "daemon/admin/keep_limits.hpp"
#include "daemon/admin/verify_work.hpp"
#include "daemon/cull_thread.hpp"
#include "daemon/make_room.hpp"
#include "index/index.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace cachefiles::daemon::admin {

/// What of a backend is administered: the same of each. All of it outlives the Administrator.
struct Parts {
    std::string tag;
    std::string directory;
    index::Index& index;
    CullThread& cull;
    MakeRoom& room;
    EventQueue& events;
    const Clock& clock;
    Log& log;
    /// The index knows all that is in the cache. From any thread.
    std::function<bool()> in_step;

    /// Has the tree compared with the index. From any thread; empty: it cannot be.
    CompareTree compare = {};

    /// What is in use, by somebody who knows it better than the index, which learns it from the
    /// culler alone, when that meets it. From any thread; may be empty.
    InUseSource in_use = {};

    // The rest is called from the administration's thread, and may be empty.

    /// Keeps limits for the next start, and has the configuration reloaded. Errors: a text.
    KeepLimits keep_limits = {};
    /// Adds what only an object's file tells.
    std::function<void(ObjectReport&)> examine = {};
    /// Counters and gauges by their names in the metrics; once for each report.
    std::function<std::map<std::string, double>()> statistics = {};
    /// A report as Prometheus text; from any thread.
    std::function<std::string(const CacheReport&)> metrics = {};
    /// After each report, so about once a second.
    std::function<void(const CacheReport&)> reported = {};
};

} // namespace cachefiles::daemon::admin
