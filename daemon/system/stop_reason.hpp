// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace cachefiles::daemon {

enum class StopReason {
    stop,    ///< for good, or the machine goes down
    restart, ///< a new process takes over: systemctl restart, an upgrade
};

/// Why this process was asked to end: the type of its unit's job, asked of systemd over the system
/// bus. A service manager that cannot be asked is taken to restart us: what it keeps for us stays
/// online, and if it does not start us again it closes it. The environment variable
/// CACHEFILESD_ON_STOP (withdraw, keep) overrides this for other supervisors.
/// Blocks for the time of some bus calls.
[[nodiscard]] StopReason stop_reason();

} // namespace cachefiles::daemon
