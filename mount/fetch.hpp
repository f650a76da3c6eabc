// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "mount/version.hpp"

#include <cachefiles.h>

#include <cstdint>
#include <vector>

namespace cachefiles::mount {

/// A block that is being read from the source, has been, or is waiting to be stored: whoever wants
/// it meanwhile has it from here. Guarded by its file's lock until `done`, and constant then.
struct Fetch final {
    std::uint64_t start = 0;
    std::uint64_t length = 0;
    cachefiles_plan plan{}; ///< made before it was read
    Version version;        ///< that the file had then
    Version::Time began;
    bool done = false;
    int error = 0;          ///< an errno
    std::vector<char> data; ///< shorter than `length` where the source has ended
};

} // namespace cachefiles::mount
