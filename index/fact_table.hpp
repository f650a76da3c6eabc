// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/sqlite/statement.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace cachefiles::index {

/// Named texts. Errors: SqliteError.
class FactTable final {
public:
    explicit FactTable(sqlite::Database& database)
        : get_(database, "SELECT value FROM facts WHERE name = CAST(?1 AS TEXT)"),
          set_(database, "INSERT INTO facts VALUES(CAST(?1 AS TEXT), ?2) "
                         "ON CONFLICT DO UPDATE SET value = excluded.value") {}

    [[nodiscard]] std::optional<std::string> get(std::string_view name) {
        sqlite::Statement::Use query = get_.use(name);
        if (!query.next())
            return std::nullopt;
        return std::string(query.bytes(0));
    }
    void set(std::string_view name, std::string_view value) { set_.run(name, value); }

private:
    sqlite::Statement get_;
    sqlite::Statement set_;
};

} // namespace cachefiles::index
