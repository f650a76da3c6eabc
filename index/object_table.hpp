// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/name_hash.hpp"
#include "index/object.hpp"
#include "index/rank.hpp"
#include "index/recency_cursor.hpp"
#include "index/sqlite/statement.hpp"
#include "index/volume_table.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace cachefiles::index {

/// The rows of objects. Every change is charged to the volume in the same breath.
/// Knows nothing of touches that wait in memory. Errors: SqliteError.
class ObjectTable final {
public:
    ObjectTable(sqlite::Database& database, VolumeTable& volumes, NameHash hash);

    /// Inserts or replaces. Id 0: the volume is unknown, or the name's window is full.
    ObjectId put(DirectoryId directory, std::string_view name, const Attributes& attributes);
    /// As put() for what a scan found: of a known object the later last_use and the state stay.
    /// Returns how many rows changed.
    std::size_t merge(DirectoryId directory, std::span<const Object> objects);

    [[nodiscard]] std::optional<Object> find(DirectoryId directory, std::string_view name);
    [[nodiscard]] std::optional<Object> find(ObjectId id);
    /// Objects with ids in [from, end), at most `limit`, in id order.
    [[nodiscard]] std::vector<Object> page(std::int64_t from, std::int64_t end, std::size_t limit);
    /// Calls `visit` for the idle ones (or all) among the objects with ids in [from, end), at most
    /// `limit` looked at. Returns the id behind the last one; nothing when there are no more.
    using Visit = std::function<void(const RecencyCursor&)>;
    [[nodiscard]] std::optional<std::int64_t> visit(std::int64_t from, std::int64_t end, bool idle,
                                                    std::size_t limit, const Visit& visit);
    /// Fills in the names of `objects`, whose ids are known.
    void read_names(std::span<Object> objects);
    [[nodiscard]] const NameHash& hash() const { return hash_; }

    /// Each returns whether a row changed.
    bool use(ObjectId id, Seconds last_use);                          ///< never moves last_use back
    bool set_state(ObjectId id, ObjectState state, Seconds last_use); ///< likewise
    bool forget(ObjectId id);
    bool forget(const Object& object); ///< only if its attributes are still those
    /// Forgets at most `limit` objects of the volume; returns what they held.
    Totals forget_some(VolumeId volume, std::size_t limit);

private:
    /// Where a name is, or could be.
    struct Slot {
        ObjectId id;                     ///< 0: the window is full
        std::optional<Attributes> known; ///< the name is there
    };

    [[nodiscard]] Slot look(std::int64_t home, std::string_view name);
    void insert(ObjectId id, std::string_view name, const Attributes& attributes);
    void update(ObjectId id, const Attributes& before, const Attributes& after);
    bool merge_one(std::int64_t home, const Object& object, ObjectId& id);
    [[nodiscard]] bool empty(DirectoryId directory);

    sqlite::Database& database_;
    VolumeTable& volumes_;
    NameHash hash_;

    sqlite::Statement look_;
    sqlite::Statement insert_;
    sqlite::Statement update_;
    sqlite::Statement find_;
    sqlite::Statement page_;
    sqlite::Statement scan_;
    sqlite::Statement names_;
    sqlite::Statement any_;
    sqlite::Statement use_;
    sqlite::Statement set_state_;
    sqlite::Statement delete_;
    sqlite::Statement delete_known_;
    sqlite::Statement sum_some_;
    sqlite::Statement delete_some_;
};

} // namespace cachefiles::index
