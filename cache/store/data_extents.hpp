// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/content.hpp"

#include <expected>
#include <vector>

namespace cachefiles::cache::store {

/// Where the file has data, as the file system tells it, up to its end. Errors: errno.
[[nodiscard]] std::expected<std::vector<Content::Range>, int> data_extents(int fd);

} // namespace cachefiles::cache::store
