// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/kernel/follower.hpp"

#include <optional>
#include <string_view>

namespace cachefiles::daemon {

/// A directory of the cache by what stands in its path, before the volume has a number.
struct TreePlace {
    Place place = Place::cache;
    std::string_view volume; ///< key; points into the path
    std::uint8_t fanout = 0;
};

/// Of a path below cache/: "" is cache/ itself, "Ikey" a volume, "Ikey/@1f" a fan-out directory.
/// Nothing for everything else.
[[nodiscard]] std::optional<TreePlace> tree_place(std::string_view path_in_cache);

} // namespace cachefiles::daemon
