// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/object_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace cachefiles::index {
namespace {

using sqlite::Statement;

std::int64_t stored(std::uint64_t bytes) {
    return static_cast<std::int64_t>(std::min(bytes, static_cast<std::uint64_t>(INT64_MAX)));
}

Attributes storable(Attributes attributes) {
    attributes.bytes = static_cast<std::uint64_t>(stored(attributes.bytes));
    attributes.last_use = storable_time(attributes.last_use);
    return attributes;
}

Rank rank(const Attributes& attributes) {
    return rank_of(attributes.state, attributes.last_use);
}

/// From columns rank, bytes that begin at `first`.
Attributes attributes_in(const Statement::Use& row, int first) {
    const Rank rank = row.integer(first);
    return {static_cast<std::uint64_t>(row.integer(first + 1)), last_use_of(rank), state_of(rank)};
}

/// From columns id, rank, bytes, name.
Object object_in(const Statement::Use& row) {
    return {ObjectId(row.integer(0)), std::string(row.bytes(3)), attributes_in(row, 1)};
}

/// Reads the names of ids_per_query objects. One query per object costs as much again in starting
/// and ending queries as in finding rows.
constexpr std::size_t ids_per_query = 64;
std::string names_query() {
    std::string sql = "SELECT o.id, o.name FROM (VALUES (?1)";
    for (std::size_t i = 2; i <= ids_per_query; ++i)
        sql += fmt::format(",(?{})", i);
    return sql + ") AS wanted CROSS JOIN objects AS o ON o.id = wanted.column1";
}

} // namespace

ObjectTable::ObjectTable(sqlite::Database& database, VolumeTable& volumes, NameHash hash)
    : database_(database), volumes_(volumes), hash_(hash),
      look_(database, "SELECT id, rank, bytes, name FROM objects "
                      "WHERE id >= ?1 AND id < ?2 ORDER BY id"),
      insert_(database, "INSERT INTO objects(id, rank, bytes, name) VALUES(?1, ?2, ?3, ?4)"),
      update_(database, "UPDATE objects SET rank = ?2, bytes = ?3 WHERE id = ?1"),
      find_(database, "SELECT id, rank, bytes, name FROM objects WHERE id = ?1"),
      page_(database, "SELECT id, rank, bytes, name FROM objects "
                      "WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3"),
      scan_(database, "SELECT id, rank, bytes FROM objects "
                      "WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3"),
      names_(database, names_query()),
      any_(database, "SELECT 1 FROM objects WHERE id >= ?1 AND id < ?2 LIMIT 1"),
      // In the two that follow, x & ?3 is the time in a rank and x & ~?3 the state.
      use_(database, "UPDATE objects SET rank = (rank & ~?3) | ?2 "
                     "WHERE id = ?1 AND (rank & ?3) < ?2"),
      set_state_(database, "UPDATE objects SET rank = max(rank & ?3, ?4) | ?2 "
                           "WHERE id = ?1 AND (rank & ~?3) <> ?2"),
      delete_(database, "DELETE FROM objects WHERE id = ?1"),
      // What the row held is known if it is deleted: it need not be read for the totals.
      delete_known_(database, "DELETE FROM objects WHERE id = ?1 AND rank = ?2 AND bytes = ?3"),
      sum_some_(database, "SELECT count(*), sum(bytes), sum(rank >= ?4), max(id) FROM "
                          "(SELECT id, bytes, rank FROM objects "
                          "WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3)"),
      delete_some_(database, "DELETE FROM objects WHERE id >= ?1 AND id <= ?2") {}

ObjectTable::Slot ObjectTable::look(std::int64_t home, std::string_view name) {
    std::int64_t free = home;
    Statement::Use query = look_.use(home, home + NameHash::window);
    while (query.next()) {
        const std::int64_t id = query.integer(0);
        if (query.bytes(3) == name)
            return {ObjectId(id), attributes_in(query, 1)};
        if (id == free)
            ++free;
    }
    return {ObjectId(free < home + NameHash::window ? free : 0), std::nullopt};
}

void ObjectTable::insert(ObjectId id, std::string_view name, const Attributes& attributes) {
    insert_.run(id.value(), rank(attributes), stored(attributes.bytes), name);
    volumes_.charge(id, Delta::of(attributes));
    volumes_.used(id.volume(), attributes.last_use);
}

void ObjectTable::update(ObjectId id, const Attributes& before, const Attributes& after) {
    update_.run(id.value(), rank(after), stored(after.bytes));
    volumes_.charge(id, Delta::of(after) - Delta::of(before));
    volumes_.used(id.volume(), after.last_use);
}

ObjectId ObjectTable::put(DirectoryId directory, std::string_view name,
                          const Attributes& attributes) {
    if (volumes_.find(directory.volume) == nullptr)
        return {};
    const Slot slot = look(hash_.home(directory, name), name);
    const Attributes after = storable(attributes);
    if (slot.known) {
        if (*slot.known != after)
            update(slot.id, *slot.known, after);
    } else if (slot.id != ObjectId()) {
        insert(slot.id, name, after);
    }
    return slot.id;
}

bool ObjectTable::merge_one(std::int64_t home, const Object& object, ObjectId& id) {
    const Slot slot = look(home, object.name);
    id = slot.id;
    Attributes after = storable(object.attributes);
    if (!slot.known) {
        if (slot.id == ObjectId())
            return false;
        insert(slot.id, object.name, after);
        return true;
    }
    after.last_use = std::max(after.last_use, slot.known->last_use);
    after.state = slot.known->state;
    if (*slot.known == after)
        return false;
    update(slot.id, *slot.known, after);
    return true;
}

std::size_t ObjectTable::merge(DirectoryId directory, std::span<const Object> objects) {
    if (volumes_.find(directory.volume) == nullptr)
        return 0;
    struct Homed {
        std::int64_t home;
        const Object* object;
    };
    std::vector<Homed> order;
    order.reserve(objects.size());
    for (const Object& object : objects)
        order.push_back({hash_.home(directory, object.name), &object});
    std::ranges::stable_sort(order, {}, &Homed::home);

    // In a directory of which nothing is known, an id above all that were given out is free.
    const bool fresh = empty(directory);
    std::size_t changed = 0;
    ObjectId last;
    for (const Homed& next : order) {
        if (fresh && next.home > last.value()) {
            last = ObjectId(next.home);
            insert(last, next.object->name, storable(next.object->attributes));
            ++changed;
            continue;
        }
        ObjectId id;
        changed += merge_one(next.home, *next.object, id) ? 1 : 0;
        last = std::max(last, id);
    }
    return changed;
}

bool ObjectTable::empty(DirectoryId directory) {
    return !any_.use(first_id(directory), end_id(directory)).next();
}

std::optional<Object> ObjectTable::find(DirectoryId directory, std::string_view name) {
    const Slot slot = look(hash_.home(directory, name), name);
    if (!slot.known)
        return std::nullopt;
    return Object{slot.id, std::string(name), *slot.known};
}

std::optional<Object> ObjectTable::find(ObjectId id) {
    Statement::Use query = find_.use(id.value());
    if (!query.next())
        return std::nullopt;
    return object_in(query);
}

std::vector<Object> ObjectTable::page(std::int64_t from, std::int64_t end, std::size_t limit) {
    std::vector<Object> objects;
    Statement::Use query = page_.use(from, end, static_cast<std::int64_t>(limit));
    while (query.next())
        objects.push_back(object_in(query));
    return objects;
}

std::optional<std::int64_t> ObjectTable::visit(std::int64_t from, std::int64_t end, bool idle,
                                               std::size_t limit, const Visit& visit) {
    std::size_t rows = 0;
    Statement::Use query = scan_.use(from, end, static_cast<std::int64_t>(limit));
    while (query.next()) {
        const std::int64_t id = query.integer(0);
        const Rank rank = query.integer(1);
        if (!idle || state_of(rank) == ObjectState::idle)
            visit({rank, static_cast<std::uint64_t>(query.integer(2)), id});
        from = id + 1;
        ++rows;
    }
    return rows == limit ? std::optional(from) : std::nullopt;
}

void ObjectTable::read_names(std::span<Object> objects) {
    // In id order: neighbours share pages, which the cache may not hold all of.
    std::vector<Object*> order;
    order.reserve(objects.size());
    for (Object& object : objects)
        order.push_back(&object);
    std::ranges::sort(order, {}, [](const Object* object) { return object->id; });
    for (std::size_t at = 0; at < order.size(); at += ids_per_query) {
        const std::size_t count = std::min(ids_per_query, order.size() - at);
        Statement::Use query = names_.use();
        for (std::size_t i = 0; i < ids_per_query; ++i) // id 0 is no object's
            query.bind(static_cast<int>(i) + 1, i < count ? order[at + i]->id.value() : 0);
        std::size_t i = at;
        while (query.next()) {
            while (order[i]->id.value() != query.integer(0))
                ++i; // not there
            order[i]->name = query.bytes(1);
        }
    }
}

bool ObjectTable::use(ObjectId id, Seconds last_use) {
    use_.run(id.value(), storable_time(last_use), in_use_rank - 1);
    return database_.changes() != 0;
}

bool ObjectTable::set_state(ObjectId id, ObjectState state, Seconds last_use) {
    set_state_.run(id.value(), rank_of(state, 0), in_use_rank - 1, storable_time(last_use));
    if (database_.changes() == 0)
        return use(id, last_use);
    volumes_.charge(id, {0, 0, state == ObjectState::idle ? -1 : 1});
    return true;
}

bool ObjectTable::forget(ObjectId id) {
    const std::optional<Object> known = find(id);
    if (!known)
        return false;
    delete_.run(id.value());
    volumes_.charge(id, -Delta::of(known->attributes));
    return true;
}

bool ObjectTable::forget(const Object& object) {
    const Attributes& known = object.attributes;
    delete_known_.run(object.id.value(), rank(known), stored(known.bytes));
    if (database_.changes() == 0)
        return false;
    volumes_.charge(object.id, -Delta::of(known));
    return true;
}

Totals ObjectTable::forget_some(VolumeId volume, std::size_t limit) {
    Totals totals;
    std::int64_t last = 0;
    {
        Statement::Use query = sum_some_.use(first_id(volume), end_id(volume),
                                             static_cast<std::int64_t>(limit), in_use_rank);
        if (!query.next() || query.integer(0) == 0)
            return totals;
        totals += Delta{query.integer(0), query.integer(1), query.integer(2)};
        last = query.integer(3);
    }
    delete_some_.run(first_id(volume), last);
    volumes_.charge(volume, -Delta::of(totals));
    return totals;
}

} // namespace cachefiles::index
