// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>

namespace cachefiles::index::sqlite {

/// One connection. Not thread-safe: the owner serialises. Errors: SqliteError.
class Database final {
public:
    struct Options {
        std::string path;                   ///< ":memory:" for one that is not on disk
        std::string vfs;                    ///< name of the file layer; empty: the system's
        std::uint64_t page_cache = 2 << 20; ///< bytes
    };

    /// Opens or creates the file with WAL, alone (exclusive locking mode). What of it fits
    /// `page_cache` is fetched from the disk meanwhile.
    explicit Database(const Options& options);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    [[nodiscard]] sqlite3* handle() const { return handle_; }
    [[nodiscard]] const std::string& path() const { return path_; }

    /// Runs any number of statements.
    void execute(const std::string& sql);
    /// First column of the first row.
    [[nodiscard]] std::int64_t integer(const std::string& sql);

    /// Rows that the last INSERT, UPDATE or DELETE changed.
    [[nodiscard]] std::int64_t changes() const { return sqlite3_changes64(handle_); }
    /// False also after SQLite rolled back on its own (full disk, no memory, I/O error).
    [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

    /// Frames (pages) in the write-ahead log after the last commit.
    [[nodiscard]] int wal_frames() const { return wal_frames_; }
    /// Copies the log into the database as far as possible. False if not all of it.
    bool checkpoint();

private:
    [[noreturn]] void fail(int code, const std::string& sql) const;
    void configure(const Options& options);

    std::string path_;
    sqlite3* handle_ = nullptr;
    int wal_frames_ = 0;
};

} // namespace cachefiles::index::sqlite
