// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/content_map.hpp"
#include "index/ids.hpp"
#include "index/sqlite/statement.hpp"

#include <cstdint>

namespace cachefiles::index {

/// The content maps of objects, one row for each GiB that has anything. Errors: SqliteError.
class MapTable final {
public:
    explicit MapTable(sqlite::Database& database);

    [[nodiscard]] ContentMap get(ObjectId object, std::uint32_t map_no);
    void set(ObjectId object, std::uint32_t map_no, const ContentMap& map);
    void forget(ObjectId object);
    void forget(VolumeId volume);

    /// False if there certainly are none: the kernel backend has no maps, and deleting an object
    /// need not look for them.
    [[nodiscard]] bool any() const { return any_; }
    void reload();

private:
    sqlite::Database& database_;
    sqlite::Statement get_;
    sqlite::Statement set_;
    sqlite::Statement delete_;
    sqlite::Statement delete_range_;
    bool any_ = false;
};

} // namespace cachefiles::index
