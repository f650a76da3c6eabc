// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/admin/administration.hpp"
#include "index/index.hpp"

#include <optional>
#include <string>

namespace cachefiles::daemon {

/// What of an object is durably there, as admin::ObjectReport::content has it. Nothing if its file
/// cannot be read, or is not one of ours: of what the driver made the index knows no blocks. Waits
/// for the disk. `root` is the cache's directory.
[[nodiscard]] std::optional<std::string> content_bits(index::Index& index, int root,
                                                      const admin::ObjectReport& object);

} // namespace cachefiles::daemon
