// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/data_extents.hpp"

#include "cache/store/calls.hpp"

#include <cerrno>

namespace cachefiles::cache::store {

std::expected<std::vector<Content::Range>, int> data_extents(int fd) {
    std::vector<Content::Range> extents;
    std::uint64_t at = 0;
    for (;;) {
        const std::int64_t data = calls::seek(fd, at, true);
        if (data < 0 && errno == ENXIO)
            return extents;
        if (data < 0)
            return std::unexpected(errno);
        const std::int64_t hole = calls::seek(fd, static_cast<std::uint64_t>(data), false);
        if (hole <= data)
            return std::unexpected(hole < 0 ? errno : EIO);
        extents.push_back(
            {static_cast<std::uint64_t>(data), static_cast<std::uint64_t>(hole - data)});
        at = static_cast<std::uint64_t>(hole);
    }
}

} // namespace cachefiles::cache::store
