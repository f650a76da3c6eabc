// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/map_table.hpp"

#include "index/name_hash.hpp"

namespace cachefiles::index {

using sqlite::Statement;

MapTable::MapTable(sqlite::Database& database)
    : database_(database),
      get_(database, "SELECT bits FROM maps WHERE object = ?1 AND map_no = ?2"),
      set_(database, "INSERT INTO maps VALUES(?1, ?2, ?3) "
                     "ON CONFLICT DO UPDATE SET bits = excluded.bits"),
      delete_(database, "DELETE FROM maps WHERE object = ?1 AND map_no = ?2"),
      delete_range_(database, "DELETE FROM maps WHERE object >= ?1 AND object < ?2") {
    reload();
}

void MapTable::reload() {
    any_ = database_.integer("SELECT EXISTS(SELECT 1 FROM maps)") != 0;
}

ContentMap MapTable::get(ObjectId object, std::uint32_t map_no) {
    Statement::Use query = get_.use(object.value(), map_no);
    if (!query.next())
        return {};
    return ContentMap(std::as_bytes(std::span(query.bytes(0))));
}

void MapTable::set(ObjectId object, std::uint32_t map_no, const ContentMap& map) {
    const std::vector<std::byte> stored = map.stored();
    if (stored.empty()) {
        delete_.run(object.value(), map_no);
        return;
    }
    set_.run(object.value(), map_no,
             std::string_view(reinterpret_cast<const char*>(stored.data()), stored.size()));
    any_ = true;
}

void MapTable::forget(ObjectId object) {
    delete_range_.run(object.value(), object.value() + 1);
}

void MapTable::forget(VolumeId volume) {
    delete_range_.run(first_id(volume), end_id(volume));
}

} // namespace cachefiles::index
