// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/admin/administration.hpp"

#include <vector>

namespace cachefiles::tests {

/// The fake cache's "now", and the same for every run: 2026-11-26 00:00:00 UTC.
inline constexpr Seconds fake_now = 1'795'651'200;

/// Three volumes with 30, 12,000 and 2 objects; a limit on everything that can have one.
[[nodiscard]] daemon::admin::CacheReport fake_report();
/// The report's objects, least recently used first, those in use last. Totals agree.
[[nodiscard]] std::vector<daemon::admin::ObjectReport> fake_objects();

} // namespace cachefiles::tests
