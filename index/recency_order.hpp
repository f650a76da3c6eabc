// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/object.hpp"
#include "index/rank.hpp"
#include "index/recency_cursor.hpp"
#include "index/sqlite/statement.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace cachefiles::index {

/// The b-tree (rank, bytes descending, id) of all objects, those in use at its end.
/// Errors: SqliteError.
class RecencyOrder final {
public:
    /// Makes the b-tree if it is not there: the database is new, or a load was cut short.
    explicit RecencyOrder(sqlite::Database& database);
    /// Looks again what is there: the transaction was rolled back.
    void reload();

    /// Without it, rows are inserted faster and walk() finds nothing.
    void drop();
    void build();
    [[nodiscard]] bool built() const { return walks_ != nullptr; }

    [[nodiscard]] std::uint64_t count();

    /// Moves on from `cursor` over idle objects, at most `steps` objects, as long as `visit` says
    /// so. The cursor then stands on the last object visited. False if the end was reached.
    using Visit = std::function<bool(const RecencyCursor&)>;
    bool walk(RecencyCursor& cursor, std::size_t steps, const Visit& visit);
    /// The same, and on over those in use.
    bool walk_all(RecencyCursor& cursor, std::size_t steps, const Visit& visit);
    /// Objects that are in use, at most `limit`.
    [[nodiscard]] std::vector<ObjectId> in_use(std::size_t limit);

private:
    /// The place behind a cursor is three ranges of the b-tree. One condition with OR would make
    /// SQLite begin at the start of the second and skip all that has been seen of it.
    struct Walks {
        explicit Walks(sqlite::Database& database);
        sqlite::Statement same_size, same_second, later;
    };

    bool walk(RecencyCursor& cursor, Rank end, std::size_t steps, const Visit& visit);

    sqlite::Database& database_;
    std::unique_ptr<Walks> walks_; // null: not built
};

} // namespace cachefiles::index
