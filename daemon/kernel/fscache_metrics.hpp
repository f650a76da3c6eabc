// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/metrics/statistics.hpp"

#include <filesystem>
#include <string_view>

namespace cachefiles::daemon {

/// What /proc/fs/fscache/stats says (Linux 6.1 to 6.12), as kernel_... : counters of the kernel,
/// for all caches and file systems together. A kernel without these statistics has no such file;
/// then there are none.
void add_fscache_metrics(metrics::Statistics& statistics,
                         const std::filesystem::path& file = "/proc/fs/fscache/stats");
/// The same of its text.
void add_fscache_metrics(metrics::Statistics& statistics, std::string_view text);

} // namespace cachefiles::daemon
