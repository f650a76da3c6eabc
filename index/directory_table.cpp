// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/directory_table.hpp"

namespace cachefiles::index {

using sqlite::Statement;

DirectoryTable::DirectoryTable(sqlite::Database& database)
    : mark_(database, "SELECT mark FROM directories WHERE id = ?1 AND mark IS NOT NULL"),
      set_mark_(database, "INSERT INTO directories(id, mark) VALUES(?1, ?2) "
                          "ON CONFLICT(id) DO UPDATE SET mark = ?2"),
      clear_marks_(database, "UPDATE directories SET mark = NULL WHERE mark IS NOT NULL"),
      marks_(database, "SELECT id, mark FROM directories WHERE mark IS NOT NULL ORDER BY id"),
      unchecked_(database, "SELECT id FROM directories WHERE unchecked IS NOT NULL "
                           "ORDER BY unchecked LIMIT ?1"),
      check_(database, "UPDATE directories SET unchecked = NULL "
                       "WHERE id = ?1 AND unchecked IS NOT NULL"),
      // Asked for again, it keeps its place in the queue.
      uncheck_(database,
               "INSERT INTO directories(id, unchecked) VALUES(?1, "
               "(SELECT coalesce(max(unchecked), 0) + 1 FROM directories "
               "WHERE unchecked IS NOT NULL)) "
               "ON CONFLICT(id) DO UPDATE SET unchecked = coalesce(unchecked, excluded.unchecked)"),
      delete_(database, "DELETE FROM directories WHERE id >= ?1 AND id < ?2") {}

std::optional<std::int64_t> DirectoryTable::mark(DirectoryId directory) {
    Statement::Use query = mark_.use(directory.packed());
    if (!query.next())
        return std::nullopt;
    return query.integer(0);
}

void DirectoryTable::set_mark(DirectoryId directory, std::optional<std::int64_t> mtime_ns) {
    if (mtime_ns)
        set_mark_.run(directory.packed(), *mtime_ns);
    else
        set_mark_.run(directory.packed(), nullptr);
}

std::vector<std::pair<DirectoryId, std::int64_t>> DirectoryTable::marks() {
    std::vector<std::pair<DirectoryId, std::int64_t>> marks;
    Statement::Use query = marks_.use();
    while (query.next())
        marks.emplace_back(DirectoryId::unpack(query.integer(0)), query.integer(1));
    return marks;
}

std::vector<DirectoryId> DirectoryTable::unchecked(std::size_t limit) {
    std::vector<DirectoryId> directories;
    Statement::Use query = unchecked_.use(static_cast<std::int64_t>(limit));
    while (query.next())
        directories.push_back(DirectoryId::unpack(query.integer(0)));
    return directories;
}

void DirectoryTable::set_checked(DirectoryId directory, bool checked) {
    (checked ? check_ : uncheck_).run(directory.packed());
}

void DirectoryTable::forget(VolumeId volume) {
    delete_.run(DirectoryId{volume, 0}.packed(), DirectoryId{volume + 1, 0}.packed());
}

} // namespace cachefiles::index
