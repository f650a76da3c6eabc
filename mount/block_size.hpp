// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

namespace cachefiles::mount {

/// A cache block, the unit of the content map: cachefiles.h plans in these.
inline constexpr std::uint64_t block_size = std::uint64_t{256} << 10;

} // namespace cachefiles::mount
