// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "index/directory_table.hpp"
#include "index/fact_table.hpp"
#include "index/map_table.hpp"
#include "index/object_table.hpp"
#include "index/recency_order.hpp"
#include "index/schema.hpp"
#include "index/sqlite/database.hpp"
#include "index/volume_table.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cachefiles::index {

/// One database, from opening it to closing it or losing it. Not thread-safe.
/// Errors of every member: SqliteError, after which the owner looks whether rolled_back().
class Store final {
public:
    struct Options {
        std::string path; ///< or ":memory:"
        std::string vfs;
        std::uint64_t page_cache = 0;
        std::uint64_t name_mask = ~std::uint64_t{0};
    };

    /// Opens or makes it; checks it if it was not closed in order.
    Store(const Options& options, const Clock& clock);
    /// Commits if it can.
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// To be called before each change, with how many rows it is about to change.
    void change(std::size_t rows = 1);
    /// Writes the totals and ends the transaction, if there is one; copies a long log into the
    /// database.
    void commit();
    [[nodiscard]] std::uint64_t changes() const { return changes_; }
    /// Since when a change has been waiting for commit().
    [[nodiscard]] std::optional<std::chrono::nanoseconds> waiting_since() const;

    /// SQLite gave up the transaction: its changes are lost.
    [[nodiscard]] bool rolled_back() const { return begun_ && !database_.in_transaction(); }
    /// After that: everything that is kept in memory is read again.
    void reload();

    /// At least as much as the transaction still has to write, in bytes.
    [[nodiscard]] std::uint64_t unwritten() const;
    [[nodiscard]] std::uint64_t logged() const;

    /// SQLite's own check, of the whole if that is quick, of the small tables otherwise.
    [[nodiscard]] std::vector<std::string> quick_check();

    /// A number that is this database's own, and is kept with it.
    [[nodiscard]] std::uint64_t generation();
    void set_generation(std::uint64_t generation);

    [[nodiscard]] sqlite::Database& database() { return database_; }
    [[nodiscard]] VolumeTable& volumes() { return volumes_; }
    [[nodiscard]] DirectoryTable& directories() { return directories_; }
    [[nodiscard]] MapTable& maps() { return maps_; }
    [[nodiscard]] FactTable& facts() { return facts_; }
    [[nodiscard]] ObjectTable& objects() { return objects_; }
    [[nodiscard]] RecencyOrder& order() { return order_; }

private:
    [[nodiscard]] std::uint64_t hash_seed();
    void begin();

    sqlite::Database database_; // first: statements are prepared on it
    bool made_;                 // second: they need the tables
    VolumeTable volumes_;
    DirectoryTable directories_;
    MapTable maps_;
    FactTable facts_;
    ObjectTable objects_; // after the facts: the seed of its hash is one
    RecencyOrder order_;
    sqlite::Statement begin_;
    sqlite::Statement commit_;

    const Clock& clock_;
    bool begun_ = false;
    std::uint64_t changes_ = 0;
    std::chrono::nanoseconds since_{0}; // of the transaction
};

} // namespace cachefiles::index
