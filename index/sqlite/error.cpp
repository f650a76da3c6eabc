// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/sqlite/error.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>

namespace cachefiles::index::sqlite {
namespace {

constexpr int primary_mask = 0xff; // an extended code carries its primary code in the low byte

std::string describe(sqlite3* connection, std::string_view path, int code, std::string_view sql) {
    const char* message = connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
    if (sql.empty())
        return fmt::format("{}: {} ({})", path, message, code);
    return fmt::format("{}: {} ({}): {}", path, message, code, sql);
}

} // namespace

SqliteError::SqliteError(sqlite3* connection, std::string_view path, int code, std::string_view sql)
    : std::runtime_error(describe(connection, path, code, sql)), code_(code),
      errno_(connection != nullptr ? sqlite3_system_errno(connection) : 0) {}

SqliteError::SqliteError(std::string_view path, int code, std::string_view why)
    : std::runtime_error(fmt::format("{}: {}", path, why)), code_(code) {}

bool SqliteError::full() const noexcept {
    const int primary = code_ & primary_mask;
    return primary == SQLITE_FULL ||
           (primary == SQLITE_IOERR && (errno_ == ENOSPC || errno_ == EDQUOT));
}

bool SqliteError::busy() const noexcept {
    const int primary = code_ & primary_mask;
    return primary == SQLITE_BUSY || primary == SQLITE_LOCKED;
}

bool SqliteError::no_memory() const noexcept {
    return code_ == SQLITE_NOMEM || code_ == SQLITE_IOERR_NOMEM;
}

} // namespace cachefiles::index::sqlite
