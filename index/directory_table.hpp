// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/ids.hpp"
#include "index/sqlite/statement.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace cachefiles::index {

/// What is known of each fan-out directory itself. Errors: SqliteError.
class DirectoryTable final {
public:
    explicit DirectoryTable(sqlite::Database& database);

    [[nodiscard]] std::optional<std::int64_t> mark(DirectoryId directory);
    void set_mark(DirectoryId directory, std::optional<std::int64_t> mtime_ns);
    void clear_all_marks() { clear_marks_.run(); }
    [[nodiscard]] std::vector<std::pair<DirectoryId, std::int64_t>> marks();

    [[nodiscard]] std::vector<DirectoryId> unchecked(std::size_t limit);
    void set_checked(DirectoryId directory, bool checked);

    void forget(VolumeId volume);

private:
    sqlite::Statement mark_;
    sqlite::Statement set_mark_;
    sqlite::Statement clear_marks_;
    sqlite::Statement marks_;
    sqlite::Statement unchecked_;
    sqlite::Statement check_;
    sqlite::Statement uncheck_;
    sqlite::Statement delete_;
};

} // namespace cachefiles::index
