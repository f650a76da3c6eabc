// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/config/config.hpp"

#include <string>

namespace cachefiles::daemon {

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
};

} // namespace cachefiles::daemon
