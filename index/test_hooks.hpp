// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>

namespace cachefiles::index {

/// What only tests set.
struct TestHooks {
    /// Asked before each write and sync of a database file; other than 0 is the SQLite result
    /// code that it meets instead.
    std::function<int()> fault = {};
    /// Which bits of a name's hash count: few make names collide.
    std::uint64_t name_mask = ~std::uint64_t{0};
    /// Whether to wait for the disk.
    bool sync = true;
};

} // namespace cachefiles::index
