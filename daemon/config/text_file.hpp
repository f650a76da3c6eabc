// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/config/diagnostic.hpp"

#include <cstddef>
#include <expected>
#include <filesystem>
#include <string>

namespace cachefiles::daemon {

/// No configuration is larger; a log file or a disk image given by mistake is.
inline constexpr std::size_t largest_text_file = 1 << 20;

/// Reads a whole file of at most 1 MiB: a regular one, or a character device (/dev/null switches a
/// drop-in off). A FIFO is refused, since its open would wait.
[[nodiscard]] std::expected<std::string, Diagnostic>
read_text_file(const std::filesystem::path& path);

} // namespace cachefiles::daemon
