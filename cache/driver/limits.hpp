// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "protocol/limit_window.hpp"

#include <cstdint>

namespace cachefiles::cache::driver {

/// The watermarks of one resource, in inodes or in blocks (f_bsize).
struct Watermarks {
    std::uint64_t run = 0;
    std::uint64_t cull = 0;
    std::uint64_t stop = 0;

    bool operator==(const Watermarks&) const = default;
};

/// Of all there is, by the driver's arithmetic: integers, and the division first (command protocol,
/// section 4).
[[nodiscard]] constexpr Watermarks watermarks(std::uint64_t total,
                                              const protocol::Window& percent) {
    const std::uint64_t hundredth = total / 100;
    return {hundredth * percent.run, hundredth * percent.cull, hundredth * percent.stop};
}

/// What is compared with the room that there is, from bind on.
struct AbsoluteLimits {
    Watermarks files;
    Watermarks blocks;
};

} // namespace cachefiles::cache::driver
