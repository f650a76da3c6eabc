// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/schema.hpp"

#include "index/schema_sql.hpp" // made from schema.sql by CMake
#include "index/sqlite/error.hpp"

#include <fmt/format.h>

namespace cachefiles::index {

bool ensure_schema(sqlite::Database& database) {
    const std::int64_t application = database.integer("PRAGMA application_id");
    const std::int64_t version = database.integer("PRAGMA user_version");
    if (application == application_id && version == schema_version)
        return false;
    if (application == application_id)
        throw sqlite::SqliteError(
            database.path(), SQLITE_NOTADB,
            fmt::format("schema version {} instead of {}", version, schema_version));
    if (application != 0 || database.integer("SELECT count(*) FROM sqlite_schema") != 0)
        throw sqlite::SqliteError(database.path(), SQLITE_NOTADB,
                                  "is the database of another program");
    database.execute(fmt::format("BEGIN IMMEDIATE; {} PRAGMA application_id = {}; "
                                 "PRAGMA user_version = {}; COMMIT",
                                 schema_sql, application_id, schema_version));
    return true;
}

} // namespace cachefiles::index
