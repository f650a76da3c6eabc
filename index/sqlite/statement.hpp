// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/sqlite/database.hpp"

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cachefiles::index::sqlite {

/// A prepared statement. It is prepared once and run through a Use:
///
///     Statement::Use query = find_.use(id);
///     if (query.next())
///         return query.integer(0);
///
/// Errors: SqliteError. Not thread-safe; one Use at a time.
class Statement final {
public:
    Statement(const Database& database, std::string_view sql);
    ~Statement() { sqlite3_finalize(handle_); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    /// One run of the statement; ends it when destroyed. What is bound as bytes is not copied
    /// and must live as long; so must bytes() be used before the next next().
    class Use final {
    public:
        ~Use() { sqlite3_reset(statement_.handle_); }
        Use(const Use&) = delete;
        Use& operator=(const Use&) = delete;

        /// Binds one parameter, before the first next(). What a run bound is bound in the next one.
        template<class Value>
        void bind(int parameter, const Value& value) {
            statement_.bind(parameter, value);
        }
        /// Moves to the next row; false after the last one.
        bool next() {
            const int result = sqlite3_step(statement_.handle_);
            if (result == SQLITE_ROW)
                return true;
            if (result != SQLITE_DONE) [[unlikely]]
                statement_.fail(result);
            return false;
        }
        [[nodiscard]] std::int64_t integer(int column) const {
            return sqlite3_column_int64(statement_.handle_, column);
        }
        [[nodiscard]] bool null(int column) const {
            return sqlite3_column_type(statement_.handle_, column) == SQLITE_NULL;
        }
        [[nodiscard]] std::string_view bytes(int column) const {
            const void* data = sqlite3_column_blob(statement_.handle_, column);
            const int size = sqlite3_column_bytes(statement_.handle_, column);
            return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
        }

    private:
        friend class Statement;
        explicit Use(Statement& statement) : statement_(statement) {}

        Statement& statement_;
    };

    /// Binds ?1, ?2... and starts.
    template<class... Values>
    [[nodiscard]] Use use(const Values&... values) {
        int parameter = 0;
        (bind(++parameter, values), ...);
        return Use(*this);
    }
    /// For what returns no rows.
    template<class... Values>
    void run(const Values&... values) {
        Use execution = use(values...);
        while (execution.next()) {
        }
    }

private:
    [[noreturn]] void fail(int code) const;

    void check(int result) const {
        if (result != SQLITE_OK) [[unlikely]]
            fail(result);
    }
    void bind(int parameter, std::int64_t value) {
        check(sqlite3_bind_int64(handle_, parameter, value));
    }
    void bind(int parameter, std::nullptr_t) { check(sqlite3_bind_null(handle_, parameter)); }
    void bind(int parameter, std::string_view value) {
        // An empty view may have no address, which would bind NULL.
        check(sqlite3_bind_blob64(handle_, parameter, value.empty() ? "" : value.data(),
                                  value.size(), SQLITE_STATIC));
    }

    sqlite3_stmt* handle_ = nullptr;
};

} // namespace cachefiles::index::sqlite
