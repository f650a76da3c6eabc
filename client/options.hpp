// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <string>

namespace cachefiles::client {

/// What a connection is made with. The times are the library's choice; tests take others.
struct Options {
    std::string path; ///< of the daemon's socket
    std::string name; ///< of the program

    /// A daemon that takes longer to answer is taken for hung, and left.
    std::chrono::milliseconds time_out{30'000};
    /// Between attempts to reach a daemon: doubled each time, up to the longest. The same for
    /// whatever a daemon has refused.
    std::chrono::milliseconds first_retry{100};
    std::chrono::milliseconds longest_retry{5'000};
    /// A call of the program tries at once, if the last attempt was longer ago than this.
    std::chrono::milliseconds call_retry{1'000};
    std::chrono::milliseconds touch_interval{30'000};
    /// A read looks at the socket if nobody has for this long. Shorter than a daemon takes to
    /// start.
    std::chrono::milliseconds alive_interval{50};
    /// How long nothing is stored after the cache had no room.
    std::chrono::milliseconds no_space_pause{1'000};
};

} // namespace cachefiles::client
