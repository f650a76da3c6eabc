// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/error.hpp"
#include "tests/unit/index/index_fixture.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <unistd.h>

using namespace cachefiles;
using namespace cachefiles::index;
using namespace cachefiles::tests;

TEST_CASE_FIXTURE(IndexFixture, "whoever comes second is told who was first") {
    open();
    std::string text;
    try {
        (void)Index::open(options, clock, log);
    } catch (const SystemError& error) {
        text = error.what();
        CHECK(error.error() == EWOULDBLOCK);
    }
    CHECK(text.find("process " + std::to_string(::getpid())) != std::string::npos);
    open(); // closes the first
    CHECK(sound());
}

TEST_CASE_FIXTURE(IndexFixture, "a database that another program has open is left alone") {
    open();
    index->add_volume("v");
    index.reset();
    sqlite3* other = nullptr;
    REQUIRE(sqlite3_open(options.path.c_str(), &other) == SQLITE_OK);
    REQUIRE(sqlite3_exec(other, "PRAGMA locking_mode=EXCLUSIVE; BEGIN IMMEDIATE", nullptr, nullptr,
                         nullptr) == SQLITE_OK);
    CHECK_THROWS_AS(open(), SystemError);
    sqlite3_close(other);
    open();
    CHECK(index->volumes().size() == 1);
}

TEST_CASE_FIXTURE(IndexFixture, "without a directory the index is in memory, and says so") {
    options.path = "/proc/no/such/directory/cache.db";
    open();
    CHECK(log.contains("in memory only"));
    const DirectoryId place{index->add_volume("v"), 1};
    index->begin_load();
    index->put(place, "a", used_at(1));
    index->end_load();
    CHECK(order() == Names{"a"});
    CHECK(index->commit());
    CHECK(index->commit_if_due());
    CHECK(sound());
}
