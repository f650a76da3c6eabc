// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "daemon/admin/limits_file.hpp"
#include "daemon/backend.hpp"
#include "daemon/bus/parts.hpp"
#include "daemon/config/load.hpp"
#include "daemon/system/event_loop.hpp"
#include "daemon/system/journal_log.hpp"

#include <expected>
#include <memory>
#include <string>

namespace cachefiles::daemon {

/// The running daemon: the main thread's loop, which never blocks, and the backend.
class Daemon final {
public:
    /// Brings the cache online. Errors: SystemError.
    Daemon(LoadRequest request, LoadedConfig config, const Clock& clock, JournalLog& log);

    /// Until SIGTERM or SIGINT. Returns when the cache is withdrawn, or left with the service
    /// manager if it is to go on (a restart).
    void run();

private:
    /// From before the cache is bound: a signal in between waits until the loop takes it.
    [[nodiscard]] bool take_signals();
    void on_signal(int signal);
    /// The error: file:line: text of each error, a line each.
    std::expected<void, std::string> reload();
    [[nodiscard]] bus::Parts bus_parts();
    [[nodiscard]] std::expected<void, std::string> keep_limits(const admin::LimitChange& change);
    void report_status();
    void feed_watchdog();
    void begin_to_stop();
    void check_stopped();

    LoadRequest request_;
    LoadedConfig config_;
    admin::LimitsFile limits_file_; ///< the administration's thread's
    JournalLog& log_;
    EventLoop loop_;
    bool signals_;
    std::unique_ptr<Backend> backend_;
    std::string reported_; ///< the last STATUS
    bool stopping_ = false;
};

} // namespace cachefiles::daemon
