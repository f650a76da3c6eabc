// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/index.hpp"

#include <optional>
#include <string>

namespace cachefiles::daemon {

/// What of an object is durably there, as admin::ObjectReport::content has it. Nothing if its open
/// file cannot be read, or is not one of ours: of what the driver made the index knows no blocks.
/// Waits for the disk.
[[nodiscard]] std::optional<std::string> content_bits(index::Index& index, int file,
                                                      index::ObjectId object);

} // namespace cachefiles::daemon
