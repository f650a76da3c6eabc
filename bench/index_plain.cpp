// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/index_plain.hpp"

#include <stdexcept>
#include <vector>

namespace cachefiles::bench {

PlainIndex::PlainIndex(const std::string& path, std::uint64_t page_cache) {
    if (sqlite3_open(path.c_str(), &database_) != SQLITE_OK)
        throw std::runtime_error("cannot open " + path);
    run("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; "
        "PRAGMA wal_autocheckpoint = 16384; PRAGMA secure_delete = OFF; PRAGMA temp_store = FILE");
    run(("PRAGMA cache_size = -" + std::to_string(page_cache / 1024)).c_str());
    run("CREATE TABLE objects(id INTEGER PRIMARY KEY, rank INTEGER, bytes INTEGER, name BLOB)");
    insert_ = prepare("INSERT INTO objects VALUES(?1, ?2, ?3, ?4)");
}

PlainIndex::~PlainIndex() {
    for (sqlite3_stmt* statement : {insert_, oldest_, delete_})
        sqlite3_finalize(statement);
    sqlite3_close(database_);
}

void PlainIndex::run(const char* sql) {
    if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        throw std::runtime_error(sqlite3_errmsg(database_));
}

sqlite3_stmt* PlainIndex::prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr) != SQLITE_OK)
        throw std::runtime_error(sqlite3_errmsg(database_));
    return statement;
}

void PlainIndex::fill(std::span<const index::Object> objects) {
    run("BEGIN");
    for (const index::Object& object : objects) {
        last_id_ += 1 << 20; // about as far apart as hashes
        sqlite3_bind_int64(insert_, 1, last_id_);
        sqlite3_bind_int64(insert_, 2, object.attributes.last_use);
        sqlite3_bind_int64(insert_, 3, static_cast<std::int64_t>(object.attributes.bytes));
        sqlite3_bind_blob(insert_, 4, object.name.data(), static_cast<int>(object.name.size()),
                          SQLITE_STATIC);
        sqlite3_step(insert_);
        sqlite3_reset(insert_);
    }
    run("COMMIT");
}

void PlainIndex::finish_fill() {
    run("CREATE INDEX recency ON objects(rank, bytes DESC)");
    oldest_ =
        prepare("SELECT id, rank, bytes, name FROM objects ORDER BY rank, bytes DESC LIMIT ?1");
    delete_ = prepare("DELETE FROM objects WHERE id = ?1");
}

std::size_t PlainIndex::pop(std::size_t count) {
    if (!begun_)
        run("BEGIN");
    begun_ = true;
    std::vector<index::Object> found;
    sqlite3_bind_int64(oldest_, 1, static_cast<std::int64_t>(count));
    while (sqlite3_step(oldest_) == SQLITE_ROW) {
        const void* name = sqlite3_column_blob(oldest_, 3);
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(oldest_, 3));
        found.push_back({index::ObjectId(sqlite3_column_int64(oldest_, 0)),
                         std::string(static_cast<const char*>(name), size),
                         {static_cast<std::uint64_t>(sqlite3_column_int64(oldest_, 2)),
                          sqlite3_column_int64(oldest_, 1), index::ObjectState::idle}});
    }
    sqlite3_reset(oldest_);
    for (const index::Object& object : found) {
        sqlite3_bind_int64(delete_, 1, object.id.value());
        sqlite3_step(delete_);
        sqlite3_reset(delete_);
    }
    return found.size();
}

void PlainIndex::commit() {
    if (begun_)
        run("COMMIT");
    begun_ = false;
}

} // namespace cachefiles::bench
