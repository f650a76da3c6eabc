// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cull/limits.hpp"
#include "daemon/admin/job.hpp"
#include "daemon/admin/report.hpp"

#include <sdbus-c++/sdbus-c++.h>

#include <cstdint>
#include <map>
#include <string>

namespace cachefiles::daemon::bus {

// The administration's values in the forms of dbus/*.xml.

using Dictionary = std::map<std::string, sdbus::Variant>;

[[nodiscard]] std::string to_string(admin::CacheState state);
[[nodiscard]] std::string to_string(admin::JobKind kind);
[[nodiscard]] std::string to_string(admin::JobState state);
[[nodiscard]] bool ended(admin::JobState state);

/// Microseconds; what does not fit is the largest value, what is before the epoch 0.
[[nodiscard]] std::uint64_t to_usec(Seconds seconds);
/// Rounded up: nothing younger than what was asked for is meant.
[[nodiscard]] Seconds from_usec(std::uint64_t usec);

[[nodiscard]] Dictionary to_dictionary(const cull::Limits& limits);
[[nodiscard]] Dictionary result_of(const admin::JobReport& job);

} // namespace cachefiles::daemon::bus
