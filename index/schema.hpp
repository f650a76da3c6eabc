// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/sqlite/database.hpp"

#include <cstdint>

namespace cachefiles::index {

/// "cfix": file(1) and we tell our databases from others by it.
inline constexpr std::int64_t application_id = 0x63666978;
/// Raised with every change of schema.sql and of how names become ids.
inline constexpr std::int64_t schema_version = 3;

/// Makes the tables in an empty database: true. False if they are there.
/// Errors: SqliteError, also if the database is of another program or version.
[[nodiscard]] bool ensure_schema(sqlite::Database& database);

} // namespace cachefiles::index
