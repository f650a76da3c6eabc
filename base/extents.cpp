// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/extents.hpp"

#include <linux/fiemap.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include <cstring>

namespace cachefiles {

std::optional<std::uint64_t> count_extents(int file) noexcept {
    fiemap map; // which clang does not let be initialised, since it ends in an array of no size
    std::memset(&map, 0, sizeof map);
    map.fm_length = FIEMAP_MAX_OFFSET; // with room for no extent they are only counted
    if (ioctl(file, FS_IOC_FIEMAP, &map) != 0)
        return std::nullopt;
    return map.fm_mapped_extents;
}

} // namespace cachefiles
