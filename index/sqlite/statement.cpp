// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/sqlite/statement.hpp"

#include "index/sqlite/error.hpp"

namespace cachefiles::index::sqlite {

Statement::Statement(const Database& database, std::string_view sql) {
    const int result =
        sqlite3_prepare_v3(database.handle(), sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &handle_, nullptr);
    if (result != SQLITE_OK)
        throw SqliteError(database.handle(), database.path(), result, sql);
}

void Statement::fail(int code) const {
    sqlite3* connection = sqlite3_db_handle(handle_);
    const char* path = sqlite3_db_filename(connection, "main");
    throw SqliteError(connection, path != nullptr ? path : ":memory:", code, sqlite3_sql(handle_));
}

} // namespace cachefiles::index::sqlite
