// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/map_table.hpp"

#include "index/name_hash.hpp"

#include <bit>
#include <span>

namespace cachefiles::index {

using sqlite::Statement;

namespace {

/// SQLite's numbers have a sign.
std::int64_t stored_id(ContentId content) {
    return std::bit_cast<std::int64_t>(content);
}

} // namespace

MapTable::MapTable(sqlite::Database& database)
    : database_(database),
      get_(database, "SELECT bits FROM maps WHERE object = ?1 AND map_no = ?2 AND content = ?3"),
      all_(database, "SELECT map_no, bits FROM maps WHERE object = ?1 AND content = ?2 "
                     "ORDER BY map_no"),
      set_(database, "INSERT INTO maps VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE "
                     "SET content = excluded.content, bits = excluded.bits"),
      delete_(database, "DELETE FROM maps WHERE object = ?1 AND map_no = ?2"),
      delete_range_(database, "DELETE FROM maps WHERE object >= ?1 AND object < ?2") {
    reload();
}

void MapTable::reload() {
    any_ = database_.integer("SELECT EXISTS(SELECT 1 FROM maps)") != 0;
}

ContentMap MapTable::get(ObjectId object, std::uint32_t map_no, ContentId content) {
    Statement::Use query = get_.use(object.value(), map_no, stored_id(content));
    if (!query.next())
        return {};
    return ContentMap(std::as_bytes(std::span(query.bytes(0))));
}

std::vector<NumberedMap> MapTable::all(ObjectId object, ContentId content) {
    std::vector<NumberedMap> maps;
    if (!any_)
        return maps;
    Statement::Use query = all_.use(object.value(), stored_id(content));
    while (query.next())
        maps.push_back({static_cast<std::uint32_t>(query.integer(0)),
                        ContentMap(std::as_bytes(std::span(query.bytes(1))))});
    return maps;
}

void MapTable::set(ObjectId object, std::uint32_t map_no, ContentId content,
                   const ContentMap& map) {
    const std::vector<std::byte> stored = map.stored();
    if (stored.empty()) {
        delete_.run(object.value(), map_no);
        return;
    }
    set_.run(object.value(), map_no, stored_id(content),
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
