// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>

namespace cachefiles::index {

struct TestHooks;

struct IndexOptions {
    /// The database, e.g. /var/lib/cachefilesd/CacheFiles.db.
    std::filesystem::path path;
    /// Bytes that SQLite may keep in memory.
    std::uint64_t page_cache = 48 << 20;
    /// Bytes kept in PATH-reserve, given up when the disk is full. 0: none.
    std::uint64_t reserve = 8 << 20;
    /// A change is durable after this long at the latest...
    std::chrono::seconds commit_interval{5};
    /// ...or after this many changes. A page that many of them change is written once, so few
    /// commits are cheap: with 10,000, culling from 400,000 objects takes half as much again.
    std::uint32_t commit_count = 100'000;
    /// A touch reaches the database after this long.
    std::chrono::seconds touch_granularity{60};
    /// test_hooks.hpp; null otherwise.
    std::shared_ptr<const TestHooks> hooks;
};

} // namespace cachefiles::index
