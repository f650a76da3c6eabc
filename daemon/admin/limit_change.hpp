// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cull/limits.hpp"
#include "daemon/admin/administration.hpp"

#include <expected>
#include <map>
#include <string>

namespace cachefiles::daemon::admin {

/// What is changed, as the configuration would say it: "limits.max-size" -> "none".
[[nodiscard]] std::map<std::string, std::string> texts_of(const LimitChange& change);

/// The limits with that change, or why they cannot be so: the rules are the configuration's.
[[nodiscard]] std::expected<cull::Limits, Refusal> changed(const cull::Limits& limits,
                                                           const LimitChange& change);

} // namespace cachefiles::daemon::admin
