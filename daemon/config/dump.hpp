// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/config/config.hpp"
#include "daemon/config/origin.hpp"

#include <string>

namespace cachefiles::daemon {

/// The whole configuration as YAML, with a comment behind each value that says where it comes
/// from. Loading the text gives the same Config.
[[nodiscard]] std::string dump(const Config& config, const Origins& origins);

/// The same without what is at its default.
[[nodiscard]] std::string dump_set(const Config& config, const Origins& origins);

} // namespace cachefiles::daemon
