// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;

namespace cachefiles::index::sqlite {

/// What SQLite refused: "PATH: message (code): SQL". It never leaves index/.
class SqliteError final : public std::runtime_error {
public:
    /// Asks `connection` (may be null) for code, message and errno of its last call.
    SqliteError(sqlite3* connection, std::string_view path, int code, std::string_view sql);
    /// Something SQLite is content with and we are not: a foreign schema, for example.
    SqliteError(std::string_view path, int code, std::string_view why);

    /// SQLite's extended result code.
    [[nodiscard]] int code() const noexcept { return code_; }
    /// No room on the disk (SQLITE_FULL, or an I/O error with ENOSPC or EDQUOT behind it).
    [[nodiscard]] bool full() const noexcept;
    [[nodiscard]] bool no_memory() const noexcept;
    /// Another program holds a lock on the file.
    [[nodiscard]] bool busy() const noexcept;

private:
    int code_;
    int errno_ = 0;
};

} // namespace cachefiles::index::sqlite
