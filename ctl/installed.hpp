// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>

namespace cachefiles::ctl {

/// Whether there is a daemon, or a unit that starts one, under this root.
[[nodiscard]] bool is_installed(const std::filesystem::path& root);

} // namespace cachefiles::ctl
