// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/snapshot.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cachefiles::ctl {

/// How near a cache is to one of the limits at which room is made.
struct Fullness {
    std::string_view limit; ///< "max-size", "max-files", "min-free", "bcull", "fcull"
    double fraction = 0;    ///< of what may be used; 1: culling begins
    std::uint64_t used = 0; ///< bytes, or files
    std::uint64_t most = 0;
    bool bytes = true; ///< rather than files
};

/// Of every limit that there is, the nearest first.
[[nodiscard]] std::vector<Fullness> fullness(const CacheValues& cache);

/// "640.0 GiB of 1.0 TiB", "1,200 of 5,000 files"
[[nodiscard]] std::string describe(const Fullness& fullness);

/// Free of the file system, 0 to 1; nothing if it does not say.
[[nodiscard]] std::optional<double> free_blocks(const CacheValues& cache);
[[nodiscard]] std::optional<double> free_files(const CacheValues& cache);
/// Below bstop or fstop, where nothing is stored.
[[nodiscard]] bool below_stop(const CacheValues& cache);

} // namespace cachefiles::ctl
