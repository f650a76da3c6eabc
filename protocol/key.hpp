// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>

namespace cachefiles::protocol {

/// Of a volume's and of a cookie's key, in bytes: fscache keeps the length in one byte (a volume's
/// is the first of the hashed key).
inline constexpr std::size_t longest_key = 255;

} // namespace cachefiles::protocol
