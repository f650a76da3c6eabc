// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <limits>

/// Arithmetic on amounts (bytes, blocks, objects) that stops at the ends instead of wrapping: what
/// a file system reports, and what an administrator writes, may be any 64-bit number.
namespace cachefiles::cull::saturating {

[[nodiscard]] constexpr std::uint64_t add(std::uint64_t a, std::uint64_t b) {
    return a > std::numeric_limits<std::uint64_t>::max() - b
               ? std::numeric_limits<std::uint64_t>::max()
               : a + b;
}

[[nodiscard]] constexpr std::uint64_t subtract(std::uint64_t a, std::uint64_t b) {
    return a > b ? a - b : 0;
}

[[nodiscard]] constexpr std::uint64_t multiply(std::uint64_t a, std::uint64_t b) {
    return b != 0 && a > std::numeric_limits<std::uint64_t>::max() / b
               ? std::numeric_limits<std::uint64_t>::max()
               : a * b;
}

} // namespace cachefiles::cull::saturating
