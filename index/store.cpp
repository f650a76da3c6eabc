// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/store.hpp"

#include "index/sqlite/error.hpp"

#include <fmt/format.h>

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <random>

namespace cachefiles::index {
namespace {

/// Frames in the log at which it is copied into the database: 64 MiB. A page that changes often
/// is then copied once for many changes; reading such a log after a crash takes a tenth of a
/// second.
constexpr int checkpoint_frames = 16'384;
constexpr std::uint64_t page_bytes = 4096;

/// A database up to this size is checked as a whole, in half a second or so. Of a larger one
/// only the small tables are: the rest is found out when it is read.
constexpr std::uint64_t full_check_bytes = 256 << 20;

constexpr std::string_view seed_fact = ".seed";
constexpr std::string_view generation_fact = ".generation";
constexpr std::string_view clean_fact = ".clean";

std::uint64_t random_number() {
    std::uint64_t number = 0;
    if (::getrandom(&number, sizeof number, 0) != sizeof number)
        number = std::random_device()();
    return number;
}

std::string_view as_bytes(const std::uint64_t& number) {
    return {reinterpret_cast<const char*>(&number), sizeof number};
}

std::uint64_t number_in(FactTable& facts, std::string_view name) {
    const std::optional<std::string> value = facts.get(name);
    std::uint64_t number = 0;
    if (value && value->size() == sizeof number)
        std::memcpy(&number, value->data(), sizeof number);
    return number;
}

} // namespace

Store::Store(const Options& options, const Clock& clock)
    : database_({options.path, options.vfs, options.page_cache}), made_(ensure_schema(database_)),
      volumes_(database_), directories_(database_), maps_(database_), facts_(database_),
      objects_(database_, volumes_, NameHash(hash_seed(), options.name_mask)), order_(database_),
      begin_(database_, "BEGIN IMMEDIATE"), commit_(database_, "COMMIT"), clock_(clock) {
    if (!made_ && facts_.get(clean_fact) != "1") {
        const std::vector<std::string> complaints = quick_check();
        if (!complaints.empty())
            throw sqlite::SqliteError(database_.path(), SQLITE_CORRUPT, complaints.front());
    }
    change();
    if (made_)
        facts_.set(generation_fact, as_bytes(random_number()));
    facts_.set(clean_fact, "0");
    commit();
}

Store::~Store() {
    try {
        if (rolled_back())
            return;
        change();
        facts_.set(clean_fact, "1");
        commit();
    } catch (const sqlite::SqliteError&) {
        // Not closed in order, then: the next one checks it.
    }
}

std::uint64_t Store::hash_seed() {
    if (made_)
        facts_.set(seed_fact, as_bytes(random_number()));
    return number_in(facts_, seed_fact);
}

std::uint64_t Store::generation() {
    return number_in(facts_, generation_fact);
}

void Store::set_generation(std::uint64_t generation) {
    facts_.set(generation_fact, as_bytes(generation));
}

std::vector<std::string> Store::quick_check() {
    constexpr std::array small_tables{"volumes", "directories", "facts", "pins"};
    std::vector<std::string> complaints;
    const auto run = [this, &complaints](const std::string& pragma) {
        sqlite::Statement statement(database_, pragma);
        sqlite::Statement::Use query = statement.use();
        while (query.next()) {
            if (query.bytes(0) != "ok")
                complaints.emplace_back(query.bytes(0));
        }
    };
    const auto pages = static_cast<std::uint64_t>(database_.integer("PRAGMA page_count"));
    if (pages * page_bytes <= full_check_bytes) {
        run("PRAGMA quick_check");
        return complaints;
    }
    for (const char* table : small_tables)
        run(fmt::format("PRAGMA quick_check({})", table));
    return complaints;
}

void Store::begin() {
    begin_.run();
    begun_ = true;
    changes_ = 0;
    since_ = clock_.monotonic();
}

void Store::change(std::size_t rows) {
    if (!database_.in_transaction())
        begin();
    changes_ += rows;
}

void Store::commit() {
    if (!database_.in_transaction())
        return;
    volumes_.write();
    commit_.run();
    begun_ = false;
    changes_ = 0;
    if (database_.wal_frames() < checkpoint_frames)
        return;
    try {
        database_.checkpoint();
    } catch (const sqlite::SqliteError& error) {
        if (!error.full()) // then the log grows on, and nothing is lost
            throw;
    }
}

std::optional<std::chrono::nanoseconds> Store::waiting_since() const {
    return begun_ ? std::optional(since_) : std::nullopt;
}

void Store::reload() {
    begun_ = false;
    changes_ = 0;
    volumes_.reload();
    maps_.reload();
    order_.reload();
}

std::uint64_t Store::unwritten() const {
    // A changed row changes a page of the table and one of the order, and seldom splits one.
    constexpr std::uint64_t pages_per_row = 3;
    constexpr std::uint64_t pages_besides = 16; // totals, facts, the way from the root
    int cached = 0;
    int highest = 0;
    sqlite3_db_status(database_.handle(), SQLITE_DBSTATUS_CACHE_USED, &cached, &highest, 0);
    return std::min((changes_ * pages_per_row + pages_besides) * page_bytes,
                    static_cast<std::uint64_t>(cached));
}

std::uint64_t Store::logged() const {
    constexpr std::uint64_t frame_bytes = page_bytes + 24;
    return static_cast<std::uint64_t>(database_.wal_frames()) * frame_bytes;
}

} // namespace cachefiles::index
