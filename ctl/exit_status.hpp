// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace cachefiles::ctl {

/// With what the program ends; cachefilesctl(1) promises the numbers.
enum class ExitStatus : int {
    success = 0,
    failure = 1,       ///< refused, or something was found
    usage = 2,         ///< the command line
    not_running = 3,   ///< the daemon does not run, or there is no bus to reach it
    not_permitted = 4, ///< by the bus, or by the daemon
    not_installed = 5, ///< there is no daemon on this machine
};

} // namespace cachefiles::ctl
