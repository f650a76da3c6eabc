// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/content_map.hpp"
#include "index/ids.hpp"

#include <cstdint>

namespace cachefiles::index {

/// Which content of an object a map is of: a random number that is the file's own (it stands in its
/// attribute). A map never meets another file, also after a crash. 0 is no content.
using ContentId = std::uint64_t;

/// Blocks of one GiB of an object that are on the disk.
struct MapUpdate {
    ObjectId object;
    ContentId content = 0;
    std::uint32_t map_no = 0;
    ContentMap bits;
};

/// One GiB of an object, and what is present of it.
struct NumberedMap {
    std::uint32_t number = 0;
    ContentMap map;

    bool operator==(const NumberedMap&) const = default;
};

} // namespace cachefiles::index
