// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/sqlite/database.hpp"

#include "base/fd.hpp"
#include "index/sqlite/error.hpp"
#include "index/sqlite/statement.hpp"

#include <fmt/format.h>

#include <fcntl.h>

namespace cachefiles::index::sqlite {
namespace {

/// Has the kernel fetch what fits SQLite's cache, in large pieces. A culler soon wants pages from
/// everywhere; one by one, each would wait for the disk. Not later than this: to close another
/// descriptor of the file would end the locks of SQLite's own (fcntl(2)).
void read_ahead(const std::string& path, std::uint64_t bytes) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file) // no more than advice: errors are not ours to report
        static_cast<void>(
            ::posix_fadvise(file.get(), 0, static_cast<off_t>(bytes), POSIX_FADV_WILLNEED));
}

} // namespace

Database::Database(const Options& options) : path_(options.path) {
    // No mutex: the owner has one. Extended codes tell a full disk from a broken one.
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                      SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE;
    read_ahead(path_, options.page_cache);
    const int result = sqlite3_open_v2(path_.c_str(), &handle_, flags,
                                       options.vfs.empty() ? nullptr : options.vfs.c_str());
    try {
        if (result != SQLITE_OK)
            fail(result, {});
        configure(options);
    } catch (...) {
        sqlite3_close_v2(handle_);
        throw;
    }
}

Database::~Database() {
    sqlite3_close_v2(handle_);
}

void Database::configure(const Options& options) {
    // Exclusive, and before WAL: the index of the log is then on the heap. A mapped one is a
    // SIGBUS when its disk fails, and another program's long read would keep the log growing.
    execute("PRAGMA locking_mode = EXCLUSIVE");
    execute("PRAGMA journal_mode = WAL");
    execute("PRAGMA synchronous = NORMAL");   // Debian's default for WAL is FULL
    execute("PRAGMA wal_autocheckpoint = 0"); // by size of the log, after a commit: checkpoint()
    execute("PRAGMA secure_delete = OFF");    // Debian's default is ON; names are no secret
    // Sorting 10M rows must not happen in memory, unless everything does.
    execute(path_ == ":memory:" ? "PRAGMA temp_store = MEMORY" : "PRAGMA temp_store = FILE");
    execute(fmt::format("PRAGMA cache_size = -{}", options.page_cache / 1024));
    const auto hook = [](void* self, sqlite3*, const char*, int frames) {
        static_cast<Database*>(self)->wal_frames_ = frames;
        return SQLITE_OK;
    };
    sqlite3_wal_hook(handle_, hook, this);
}

void Database::execute(const std::string& sql) {
    const int result = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
    if (result != SQLITE_OK)
        fail(result, sql);
}

std::int64_t Database::integer(const std::string& sql) {
    Statement statement(*this, sql);
    Statement::Use query = statement.use();
    return query.next() ? query.integer(0) : 0;
}

bool Database::checkpoint() {
    int frames = 0;
    int done = 0;
    const int result =
        sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE, &frames, &done);
    if (result != SQLITE_OK && result != SQLITE_BUSY)
        fail(result, "checkpoint");
    if (frames == done)
        wal_frames_ = 0; // the next transaction starts the log anew
    return frames == done;
}

void Database::fail(int code, const std::string& sql) const {
    throw SqliteError(handle_, path_, code, sql);
}

} // namespace cachefiles::index::sqlite
