// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cull/culler.hpp"
#include "daemon/admin/administration.hpp"

#include <string>

/// What the culling thread tells, as the administration tells it.
namespace cachefiles::daemon::admin {

[[nodiscard]] Event event_of(const cull::CullEvent& event);
/// The cache was lost, for that reason, or is online again.
[[nodiscard]] Event event_of(bool online, const std::string& why);

} // namespace cachefiles::daemon::admin
