// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/object.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <span>
#include <string>

namespace cachefiles::bench {

/// The same rows in the same database without any of our layer: what SQLite itself costs.
/// No error handling; whatever fails ends the program.
class PlainIndex final {
public:
    PlainIndex(const std::string& path, std::uint64_t page_cache);
    ~PlainIndex();
    PlainIndex(const PlainIndex&) = delete;
    PlainIndex& operator=(const PlainIndex&) = delete;

    /// Rows with ids that go up from the last one's, and the order when all are there.
    void fill(std::span<const index::Object> objects);
    void finish_fill();
    /// Selects the oldest `count` rows with their names and deletes them by id. Returns how many.
    std::size_t pop(std::size_t count);
    void commit();

private:
    void run(const char* sql);
    [[nodiscard]] sqlite3_stmt* prepare(const char* sql);

    sqlite3* database_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
    sqlite3_stmt* oldest_ = nullptr;
    sqlite3_stmt* delete_ = nullptr;
    std::int64_t last_id_ = std::int64_t{1} << 43;
    bool begun_ = false;
};

} // namespace cachefiles::bench
