// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace cachefiles::daemon {

/// With what the process ends. The unit names usage and config in RestartPreventExitStatus: neither
/// gets better by trying again.
enum class ExitStatus : int {
    success = 0,
    failure = 1, ///< the system refused something
    usage = 2,   ///< the command line (stock's number, too)
    config = 78, ///< EX_CONFIG of sysexits(3): a configuration file
};

} // namespace cachefiles::daemon
