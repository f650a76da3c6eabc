// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/message_ids.hpp"
#include "tests/unit/index/index_fixture.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <fstream>

using namespace cachefiles;
using namespace cachefiles::index;
using namespace cachefiles::tests;
namespace fs = std::filesystem;

namespace {

struct CorruptionFixture : IndexFixture {
    /// An index of a few hundred pages, closed.
    void build(int objects = 5000) {
        open();
        const DirectoryId place{index->add_volume("v"), 1};
        for (int i = 0; i < objects; ++i)
            index->put(place, fmt::format("{:040}", i), used_at(i));
        generation = index->generation();
        index.reset();
    }
    void write_at(std::uint64_t offset, const std::string& bytes) {
        std::fstream file(options.path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(offset));
        file << bytes;
    }
    void unclean() {
        sqlite3* database = nullptr;
        REQUIRE(sqlite3_open(options.path.c_str(), &database) == SQLITE_OK);
        REQUIRE(sqlite3_exec(database, "UPDATE facts SET value = '0' WHERE name = '.clean'",
                             nullptr, nullptr, nullptr) == SQLITE_OK);
        sqlite3_close(database);
    }
    [[nodiscard]] std::vector<std::string> moved_aside() const {
        std::vector<std::string> names;
        for (const fs::directory_entry& entry : fs::directory_iterator(directory.path())) {
            if (entry.path().filename().string().find(".corrupt-") != std::string::npos)
                names.push_back(entry.path().filename().string());
        }
        return names;
    }
    [[nodiscard]] int announced() const {
        int count = 0;
        for (const RecordingLog::Line& line : log.lines())
            count += line.message_id == message_id::index_moved_aside ? 1 : 0;
        return count;
    }
    /// An empty index that works, a new generation, one file aside, and it was said.
    void check_replaced() {
        CHECK(index->totals() == Totals{});
        CHECK(index->generation() != generation);
        CHECK(announced() == 1);
        CHECK(moved_aside().size() == 1);
        CHECK_FALSE(log.contains("in memory"));
        index->put({index->add_volume("v"), 1}, "new", used_at(1));
        CHECK(order() == Names{"new"});
        CHECK(index->commit());
        CHECK(sound());
        open();
        CHECK(order() == Names{"new"});
        CHECK(announced() == 1);
    }

    std::uint64_t generation = 0;
};

} // namespace

TEST_CASE_FIXTURE(CorruptionFixture, "an index that was closed keeps its generation") {
    build();
    open();
    CHECK(index->generation() == generation);
    CHECK(index->totals().objects == 5000);
}

TEST_CASE_FIXTURE(CorruptionFixture, "what is not our database is moved aside") {
    build();
    SUBCASE("text") {
        std::ofstream(options.path) << std::string(100'000, 'x');
    }
    SUBCASE("a short text") {
        std::ofstream(options.path) << "x";
    }
    SUBCASE("nothing") {
        fs::resize_file(options.path, 0);
    }
    SUBCASE("a part of the header") {
        fs::resize_file(options.path, 50);
    }
    SUBCASE("half of it") {
        unclean();
        fs::resize_file(options.path, fs::file_size(options.path) / 8192 * 4096);
    }
    SUBCASE("a header with the wrong page size") {
        write_at(16, "\x01\x02");
    }
    SUBCASE("a directory") {
        fs::remove(options.path);
        fs::create_directories(options.path / "something");
    }
    open();
    check_replaced();
}

TEST_CASE_FIXTURE(CorruptionFixture, "the database of another program or version is moved aside") {
    const auto change = [this](const char* sql) {
        sqlite3* database = nullptr;
        REQUIRE(sqlite3_open(options.path.c_str(), &database) == SQLITE_OK);
        REQUIRE(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
        sqlite3_close(database);
    };
    SUBCASE("a newer schema") {
        build();
        change("PRAGMA user_version = 1000");
    }
    SUBCASE("another application") {
        build();
        change("PRAGMA application_id = 7");
    }
    SUBCASE("tables of somebody else") {
        change("CREATE TABLE theirs(x)");
    }
    SUBCASE("a table is missing") {
        build();
        change("DROP TABLE objects");
    }
    SUBCASE("a column is missing") {
        build();
        change("ALTER TABLE facts DROP COLUMN value");
    }
    open();
    check_replaced();
}

TEST_CASE_FIXTURE(CorruptionFixture, "a damaged page is found at start if there was a crash") {
    build();
    unclean();
    const std::uint64_t size = fs::file_size(options.path);
    for (const int tenth : {1, 3, 5, 7, 9})
        write_at(size / 40960 * 4096 * static_cast<std::uint64_t>(tenth),
                 std::string(4096, '\x5a'));
    open();
    check_replaced();
}

TEST_CASE_FIXTURE(CorruptionFixture, "damage that is met in the middle of the work") {
    build();
    // The header stays, everything behind the schema's page is rubbish.
    const std::uint64_t size = fs::file_size(options.path);
    open();
    const DirectoryId place{index->volumes().front().id, 1};
    index.reset();
    for (std::uint64_t page = 9; page < size / 4096; ++page)
        write_at(page * 4096, std::string(4096, '\x5a'));
    open();
    REQUIRE(announced() == 0);
    REQUIRE(index->generation() == generation);
    index->pin("pinned", true);
    SUBCASE("oldest") {
        CHECK(index->oldest({.limit = 10}).empty());
    }
    SUBCASE("put") {
        CHECK(index->put(place, "a", used_at(1)) == ObjectId()); // its volume is gone
    }
    SUBCASE("find") {
        CHECK_FALSE(index->find(place, "a").has_value());
    }
    SUBCASE("forget") {
        index->forget(std::array{ObjectId(std::int64_t{1} << 43)});
    }
    SUBCASE("a flushed touch") {
        index->touch(ObjectId(std::int64_t{1} << 43), 1);
        (void)index->nth_oldest_use(0);
    }
    SUBCASE("for_each") {
        index->for_each(place, [](const Object&) { FAIL("there is nothing"); });
    }
    SUBCASE("remove_volume") {
        CHECK(index->remove_volume(place.volume) == Totals{});
    }
    SUBCASE("verify") {
        CHECK(index->verify().empty()); // of the new one
    }
    check_replaced();
    // The cache tells all but this.
    CHECK(index->volume(index->add_volume("pinned"))->pinned);
    open();
    CHECK(index->volume("pinned")->pinned);
}

TEST_CASE_FIXTURE(CorruptionFixture, "verify reports what is damaged where nothing was met yet") {
    build();
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(options.path.c_str(), &database) == SQLITE_OK);
    const auto run = [&](const char* sql) {
        REQUIRE(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    };
    SUBCASE("wrong totals") {
        run("UPDATE volumes SET objects = 17, bytes = 1, in_use = 3");
    }
    SUBCASE("a use that came too late") {
        run("UPDATE volumes SET newest_use = 3");
    }
    SUBCASE("a volume that nobody knows") {
        run("INSERT INTO objects VALUES(1 << 50, 1, 1, 'x')");
    }
    SUBCASE("a name in the wrong place") {
        run("UPDATE objects SET name = 'other' WHERE rank = 77");
        sqlite3_close(database);
        open();
        const std::vector<std::string> lines = index->verify();
        REQUIRE(lines.size() == 1);
        CHECK(lines.front().find("other") != std::string::npos);
        return;
    }
    sqlite3_close(database);
    open();
    CHECK(index->verify().size() >= 1);
    CHECK(index->totals() == Totals{5000, 5000 * 4096, 0});
    CHECK(index->volumes().front().newest_use == 4999);
    CHECK(sound());
    open();
    CHECK(sound());
    CHECK(announced() == 0);
}

TEST_CASE_FIXTURE(CorruptionFixture, "only the newest database moved aside is kept") {
    fs::create_directory(directory.path() / "cache.db.corrupt-5");
    for (int i = 0; i < 3; ++i) {
        build(10);
        std::ofstream(options.path) << "x";
        open();
        index.reset();
    }
    CHECK(announced() == 3);
    CHECK(moved_aside().size() == 2); // it, and what is not ours to delete
    CHECK(fs::is_directory(directory.path() / "cache.db.corrupt-5"));
}

TEST_CASE_FIXTURE(CorruptionFixture, "an I/O error replaces the database, wherever it comes") {
    // Each write fails in turn, until the work gets by without one.
    int failing = 0;
    bool failed = true;
    while (failed) {
        TemporaryDirectory elsewhere;
        RecordingLog own_log;
        IndexOptions own = make_options(elsewhere.path() / "cache.db");
        int writes = 0;
        failed = false;
        const auto fault = [&] {
            const bool now = writes++ == failing;
            failed = failed || now;
            return now ? SQLITE_IOERR_WRITE : SQLITE_OK;
        };
        own.hooks = std::make_shared<TestHooks>(TestHooks{.fault = fault, .sync = false});
        const auto victim = Index::open(own, clock, own_log);
        for (int i = 0; i < 3; ++i) {
            victim->put({victim->add_volume("v"), 1}, std::to_string(i), used_at(i));
            victim->commit();
            victim->set_mark({victim->add_volume("v"), 1}, i);
        }
        const auto last = [&] {
            victim->put({victim->add_volume("v"), 1}, "last", used_at(1));
            return victim->commit();
        };
        REQUIRE((last() || last())); // the second time on another database
        REQUIRE(victim->verify().empty());
        REQUIRE(victim->find({victim->add_volume("v"), 1}, "last").has_value());
        REQUIRE(own_log.contains("index unusable") == failed);
        REQUIRE(!own_log.contains("in memory"));
        ++failing;
    }
    CHECK(failing > 20);
}
