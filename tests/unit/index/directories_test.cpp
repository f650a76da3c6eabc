// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/index/index_fixture.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace cachefiles;
using namespace cachefiles::index;
using namespace cachefiles::tests;

TEST_CASE_FIXTURE(IndexFixture, "marks are set, cleared and listed in order") {
    open();
    const VolumeId a = index->add_volume("a");
    const VolumeId b = index->add_volume("b");
    index->set_mark({b, 0}, 30);
    index->set_mark({a, 255}, 20);
    index->set_mark({a, 1}, INT64_MAX);
    index->set_mark({a, 1}, 10);
    CHECK(index->mark({a, 1}) == 10);
    CHECK_FALSE(index->mark({a, 2}).has_value());
    using Mark = std::pair<DirectoryId, std::int64_t>;
    const std::vector<Mark> all{{{a, 1}, 10}, {{a, 255}, 20}, {{b, 0}, 30}};
    CHECK(index->marks() == all);
    open();
    CHECK(index->marks() == all);
    index->clear_mark({a, 1});
    CHECK_FALSE(index->mark({a, 1}).has_value());
    index->clear_all_marks();
    CHECK(index->marks().empty());
}

TEST_CASE_FIXTURE(IndexFixture, "directories to be checked queue up, apart from their marks") {
    open();
    const VolumeId a = index->add_volume("a");
    for (const std::uint8_t fanout : std::array<std::uint8_t, 3>{5, 3, 9})
        index->set_checked({a, fanout}, false);
    index->set_checked({a, 5}, false); // keeps its place
    index->set_mark({a, 9}, 1);
    index->clear_all_marks();
    open();
    CHECK(index->unchecked(10) == std::vector<DirectoryId>{{a, 5}, {a, 3}, {a, 9}});
    CHECK(index->unchecked(1).size() == 1);
    index->set_checked({a, 5}, true);
    index->set_checked({a, 100}, true); // was never asked for
    index->set_checked({a, 5}, false);  // asked for again: at the end
    CHECK(index->unchecked(10) == std::vector<DirectoryId>{{a, 3}, {a, 9}, {a, 5}});
}

TEST_CASE_FIXTURE(IndexFixture, "facts are texts of any kind") {
    open();
    const std::string value("v\0alue", 6);
    CHECK_FALSE(index->fact("boot").has_value());
    index->set_fact("boot", value);
    index->set_fact("empty", "");
    open();
    CHECK(index->fact("boot") == value);
    CHECK(index->fact("empty") == "");
    index->set_fact("boot", "other");
    CHECK(index->fact("boot") == "other");
}
