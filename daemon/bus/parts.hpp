// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.hpp"
#include "daemon/admin/administration.hpp"
#include "daemon/system/event_loop.hpp"

#include <expected>
#include <functional>
#include <string>

namespace cachefiles::daemon::bus {

/// What the service on the bus is made of. Everything outlives it.
struct Parts {
    admin::Administration* administration; ///< null: another daemon has the cache, and tells of it
    EventLoop& loop;
    Log& log;
    std::string version;
    std::string backend; ///< kernel, user or device
    /// In the loop's thread. The error: file:line: text of each error, a line each.
    std::function<std::expected<void, std::string>()> reload;
    std::function<Severity()> log_level;
    std::function<void(Severity)> set_log_level;
    std::string log_target; ///< as systemctl service-log-target has it: journal, console, syslog
};

} // namespace cachefiles::daemon::bus
