// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/content_map.hpp"
#include "index/ids.hpp"
#include "index/map_update.hpp"
#include "index/sqlite/statement.hpp"

#include <cstdint>
#include <vector>

namespace cachefiles::index {

/// The content maps of objects, one row for each GiB that has anything. Errors: SqliteError.
class MapTable final {
public:
    explicit MapTable(sqlite::Database& database);

    /// Empty if there is none, or it is of another content.
    [[nodiscard]] ContentMap get(ObjectId object, std::uint32_t map_no, ContentId content);
    [[nodiscard]] std::vector<NumberedMap> all(ObjectId object, ContentId content);
    void set(ObjectId object, std::uint32_t map_no, ContentId content, const ContentMap& map);
    void forget(ObjectId object);
    void forget(VolumeId volume);

    /// False if there certainly are none: the kernel backend has no maps, and deleting an object
    /// need not look for them.
    [[nodiscard]] bool any() const { return any_; }
    void reload();

private:
    sqlite::Database& database_;
    sqlite::Statement get_;
    sqlite::Statement all_;
    sqlite::Statement set_;
    sqlite::Statement delete_;
    sqlite::Statement delete_range_;
    bool any_ = false;
};

} // namespace cachefiles::index
