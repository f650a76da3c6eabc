// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

namespace cachefiles::cull {

/// A look at the file system under the cache (statvfs of the cache directory's mount).
struct Space {
    std::uint64_t block_size = 4096;
    std::uint64_t blocks = 0;      ///< size of the file system
    std::uint64_t free_blocks = 0; ///< free to ordinary users (f_bavail)
    std::uint64_t files = 0;       ///< inodes; 0 on a file system that does not count them (btrfs)
    std::uint64_t free_files = 0;
};

/// Asks the file system. Errors: SystemError.
class SpaceProbe {
public:
    virtual ~SpaceProbe() = default;
    [[nodiscard]] virtual Space look() = 0;
};

} // namespace cachefiles::cull
