// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/recency_order.hpp"

#include <algorithm>

namespace cachefiles::index {
namespace {

constexpr const char* create = "CREATE INDEX recency ON objects(rank, bytes DESC)";
constexpr const char* columns = "SELECT rank, bytes, id FROM objects INDEXED BY recency WHERE ";

} // namespace

RecencyOrder::Walks::Walks(sqlite::Database& database)
    : same_size(database,
                std::string(columns) + "rank = ?1 AND bytes = ?2 AND id > ?3 ORDER BY id"),
      same_second(database,
                  std::string(columns) + "rank = ?1 AND bytes < ?2 ORDER BY bytes DESC, id"),
      later(database,
            std::string(columns) + "rank > ?1 AND rank < ?2 ORDER BY rank, bytes DESC, id") {}

RecencyOrder::RecencyOrder(sqlite::Database& database) : database_(database) {
    reload();
}

void RecencyOrder::reload() {
    walks_.reset();
    if (database_.integer("SELECT count(*) FROM sqlite_schema "
                          "WHERE type = 'index' AND name = 'recency'") == 0)
        database_.execute(create);
    walks_ = std::make_unique<Walks>(database_);
}

void RecencyOrder::drop() {
    walks_.reset(); // a statement of it that is not finished would keep it
    database_.execute("DROP INDEX IF EXISTS recency");
}

void RecencyOrder::build() {
    drop();
    database_.execute(create);
    walks_ = std::make_unique<Walks>(database_);
}

std::uint64_t RecencyOrder::count() {
    return static_cast<std::uint64_t>(database_.integer(
        "SELECT count(*) FROM objects INDEXED BY recency WHERE rank IS NOT NULL"));
}

bool RecencyOrder::walk(RecencyCursor& cursor, std::size_t steps, const Visit& visit) {
    return walk(cursor, in_use_rank, steps, visit);
}

bool RecencyOrder::walk_all(RecencyCursor& cursor, std::size_t steps, const Visit& visit) {
    return walk(cursor, INT64_MAX, steps, visit);
}

bool RecencyOrder::walk(RecencyCursor& cursor, Rank end, std::size_t steps, const Visit& visit) {
    if (walks_ == nullptr)
        return false;
    bool more = true;
    const auto through = [&](sqlite::Statement::Use query) {
        while (more && query.next()) {
            const RecencyCursor here{query.integer(0), static_cast<std::uint64_t>(query.integer(1)),
                                     query.integer(2)};
            if (steps == 0 || !visit(here)) {
                more = false;
                return;
            }
            --steps;
            cursor = here;
        }
    };
    const RecencyCursor from = cursor;
    const std::int64_t bytes =
        static_cast<std::int64_t>(std::min(from.bytes, static_cast<std::uint64_t>(INT64_MAX)));
    if (from.id != INT64_MIN) // otherwise before the oldest: there is nothing of its second
        through(walks_->same_size.use(from.last_use, bytes, from.id));
    if (more && from.bytes != 0)
        through(walks_->same_second.use(from.last_use, bytes));
    if (more)
        through(walks_->later.use(from.last_use, end));
    return !more;
}

std::vector<ObjectId> RecencyOrder::in_use(std::size_t limit) {
    std::vector<ObjectId> ids;
    RecencyCursor cursor{in_use_rank - 1, 0, INT64_MAX};
    (void)walk(cursor, INT64_MAX, limit, [&ids](const RecencyCursor& here) {
        ids.emplace_back(here.id);
        return true;
    });
    return ids;
}

} // namespace cachefiles::index
