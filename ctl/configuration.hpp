// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/json.hpp"
#include "daemon/config/load.hpp"

#include <expected>
#include <filesystem>
#include <optional>
#include <string>

namespace cachefiles::ctl {

/// As the daemon would load it: that file, or what is in ROOT/etc.
[[nodiscard]] std::expected<daemon::LoadedConfig, daemon::Diagnostics>
load_configuration(const std::filesystem::path& root, const std::string& file);

[[nodiscard]] Json to_json(const daemon::Diagnostics& diagnostics);
/// Each key with its value as text, and where it comes from.
[[nodiscard]] Json to_json(const daemon::LoadedConfig& loaded);

/// In the format of cachefilesd.conf(5); what that cannot say is in comments.
[[nodiscard]] std::string in_stock_format(const daemon::LoadedConfig& loaded);

} // namespace cachefiles::ctl
