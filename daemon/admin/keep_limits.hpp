// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/admin/administration.hpp"

#include <expected>
#include <functional>
#include <string>

namespace cachefiles::daemon::admin {

/// Keeps limits for the next start. Writes to the disk. Errors: what is wrong, and what to do.
using KeepLimits = std::function<std::expected<void, std::string>(const LimitChange&)>;

} // namespace cachefiles::daemon::admin
