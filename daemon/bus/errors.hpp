// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/admin/administration.hpp"

#include <sdbus-c++/Error.h>

#include <string>

namespace cachefiles::daemon::bus {

[[nodiscard]] sdbus::Error to_error(const admin::Refusal& refusal);
[[nodiscard]] sdbus::Error invalid_arguments(const std::string& text);
[[nodiscard]] sdbus::Error access_denied(const std::string& text);
[[nodiscard]] sdbus::Error config_rejected(const std::string& text);
/// Too much is asked for at a time.
[[nodiscard]] sdbus::Error limits_exceeded(const std::string& text);
/// What nobody expected: the text of an exception.
[[nodiscard]] sdbus::Error failed(const std::string& text);

} // namespace cachefiles::daemon::bus
