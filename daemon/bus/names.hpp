// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/admin/job.hpp"
#include "index/ids.hpp"

#include <string>
#include <string_view>

namespace cachefiles::daemon::bus {

// dbus/*.xml is the contract; here is what its names are.
inline constexpr const char* service_name = "org.cachefiles1";
inline constexpr const char* manager_path = "/org/cachefiles1";
inline constexpr const char* manager_interface = "org.cachefiles1.Manager";
inline constexpr const char* cache_interface = "org.cachefiles1.Cache";
inline constexpr const char* volume_interface = "org.cachefiles1.Volume";
inline constexpr const char* job_interface = "org.cachefiles1.Job";
/// systemctl service-log-level looks for it here.
inline constexpr const char* log_control_path = "/org/freedesktop/LogControl1";
inline constexpr const char* log_control_interface = "org.freedesktop.LogControl1";

/// Bytes other than letters and digits as _xx; an empty tag as _.
[[nodiscard]] std::string cache_path(std::string_view tag);
[[nodiscard]] std::string volume_path(index::VolumeId volume);
[[nodiscard]] std::string job_path(admin::JobId job);

} // namespace cachefiles::daemon::bus
