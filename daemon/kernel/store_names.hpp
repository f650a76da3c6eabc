// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

/// Names of the descriptors in the service manager's store (FDNAME=).
namespace cachefiles::daemon::store_names {

inline constexpr std::string_view device = "cachefiles";          ///< the bound device
inline constexpr std::string_view binding = "cachefiles-binding"; ///< what it was bound with
inline constexpr std::string_view events = "cachefiles-events";   ///< the fanotify group

} // namespace cachefiles::daemon::store_names
