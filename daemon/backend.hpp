// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "daemon/admin/administration.hpp"
#include "daemon/admin/keep_limits.hpp"
#include "daemon/config/config.hpp"

#include <string>

namespace cachefiles::daemon {

/// What every backend is made of.
struct BackendParts {
    const Config& config; ///< of the start; not needed afterwards
    const Clock& clock;
    Log& log;
    admin::KeepLimits keep_limits; ///< see admin::Parts; may be empty
};

/// A cache that the daemon looks after, with the threads that do it: the kernel driver's, or its
/// own. Used by the main thread; nothing blocks but finish().
class Backend {
public:
    virtual ~Backend() = default;

    /// Starts the threads. Privileges must have been dropped before.
    virtual void start() = 0;

    /// What of a new configuration takes effect at once.
    virtual void change(const Config& config) = 0;

    /// Whether the cache can stay online while no daemon runs.
    [[nodiscard]] virtual bool survives_restart() const = 0;
    /// Begins to stop; ended() says when the cache is out of the way. `withdraw`: it goes offline,
    /// which can take minutes; otherwise (survives_restart()) the service manager keeps it online.
    virtual void ask_to_stop(bool withdraw) = 0;
    [[nodiscard]] virtual bool ended() const = 0;
    /// After ended(): waits for the threads and closes the index.
    virtual void finish() = 0;

    /// Did every worker do something, or wait for work, since the last call?
    [[nodiscard]] virtual bool making_progress() = 0;

    /// One line for people: systemctl status.
    [[nodiscard]] virtual std::string summary() const = 0;
    /// key=value ..., for programs and tests: what SIGUSR1 logs.
    [[nodiscard]] virtual std::string details() const = 0;

    /// From the constructor to finish(). Null: another daemon has the cache, and administers it.
    [[nodiscard]] virtual admin::Administration* administration() = 0;
};

} // namespace cachefiles::daemon
