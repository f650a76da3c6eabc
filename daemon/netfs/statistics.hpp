// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/counters.hpp"

#include <string>

namespace cachefiles::daemon::netfs {

/// The lines of /proc/fs/fscache/stats that the model knows about, as Linux 6.1 prints them
/// (fscache-model.md section 10); the time to the LRU's timer is in units of 4 ms, the jiffies of
/// Debian's kernels. What the driver counts and nobody counts here is left out.
[[nodiscard]] std::string format_statistics(const cache::Counters& counters);

} // namespace cachefiles::daemon::netfs
