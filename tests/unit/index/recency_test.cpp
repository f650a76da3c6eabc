// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/index/index_fixture.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace cachefiles;
using namespace cachefiles::index;
using namespace cachefiles::tests;

TEST_CASE_FIXTURE(IndexFixture, "the oldest comes first, of one second the largest") {
    open();
    const DirectoryId place{index->add_volume("v"), 1};
    index->put(place, "young", used_at(30, 1));
    index->put(place, "small", used_at(20, 1));
    index->put(place, "large", used_at(20, 1000));
    index->put(place, "old", used_at(10, 1));
    index->put(place, "busy", {1, 1, ObjectState::in_use});
    CHECK(order() == Names{"old", "large", "small", "young"});
    CHECK(order({.limit = 2}) == Names{"old", "large"});
    CHECK(order({.used_before = 20}) == Names{"old"});
    CHECK(order({.used_before = 21}) == Names{"old", "large", "small"});
    CHECK(index->oldest({.limit = 0}).empty());
    CHECK(index->nth_oldest_use(0) == 10);
    CHECK(index->nth_oldest_use(3) == 30);
    CHECK_FALSE(index->nth_oldest_use(4).has_value());
}

TEST_CASE_FIXTURE(IndexFixture,
                  "a walk goes on behind its cursor, also within one second and size") {
    open();
    const DirectoryId place{index->add_volume("v"), 1};
    for (int i = 0; i < 200; ++i)
        index->put(place, std::to_string(i), used_at(i / 50, static_cast<unsigned>(i % 5)));
    const Names whole = order();
    REQUIRE(whole.size() == 200);
    Names pieces;
    OldestQuery query{.limit = 7};
    while (true) {
        const std::vector<Object> found = index->oldest(query);
        if (found.empty())
            break;
        for (const Object& object : found)
            pieces.push_back(object.name);
        query.after = RecencyCursor::at(found.back());
        index->forget(std::array{found.back().id}); // the cursor's object need not exist
    }
    CHECK(pieces == whole);
}

TEST_CASE_FIXTURE(IndexFixture, "volumes can be chosen and left out, by either way to search") {
    open();
    const VolumeId small = index->add_volume("small");
    const VolumeId large = index->add_volume("large");
    for (int i = 0; i < 1000; ++i)
        index->put({large, static_cast<std::uint8_t>(i)}, "l" + std::to_string(i), used_at(i));
    for (int i = 0; i < 20; ++i)
        index->put({small, static_cast<std::uint8_t>(i)}, "s" + std::to_string(i), used_at(2 * i));

    // The small one is read as a whole, the large one in recency order.
    CHECK(order({.limit = 3, .only = small}) == Names{"s0", "s1", "s2"});
    CHECK(order({.limit = 3, .only = large}) == Names{"l0", "l1", "l2"});
    CHECK(order({.limit = 1000, .only = large}).size() == 1000);
    CHECK(order({.only = small}).size() == 20);
    const RecencyCursor after = RecencyCursor::at(*index->find({small, 4}, "s4"));
    CHECK(order({.limit = 2, .after = after, .only = small}) == Names{"s5", "s6"});
    CHECK(order({.only = small, .used_before = 5}) == Names{"s0", "s1", "s2"});
    const std::array both{large, small};
    CHECK(order({.except = both}).empty());
    CHECK(order({.limit = 2, .except = std::span(both).first(1)}) == Names{"s0", "s1"});
    CHECK(order({.only = small, .except = both}).empty());
    CHECK(order({.only = 77}).empty());
}

TEST_CASE_FIXTURE(IndexFixture, "more than one step's worth is found") {
    open();
    const DirectoryId place{index->add_volume("v"), 1};
    std::vector<Object> found;
    for (int i = 0; i < 40'000; ++i)
        found.push_back({ObjectId(), std::to_string(i), used_at(i)});
    index->put_all(place, found);
    const Names names = order();
    REQUIRE(names.size() == 40'000);
    for (int i = 0; i < 40'000; ++i)
        REQUIRE(names[static_cast<std::size_t>(i)] == std::to_string(i));
    CHECK(order({.limit = 30'000, .only = place.volume}).size() == 30'000);
    CHECK(index->nth_oldest_use(39'999) == 39'999);
}

TEST_CASE_FIXTURE(IndexFixture, "a walk through the order alone, in steps") {
    open();
    const DirectoryId place{index->add_volume("v"), 1};
    for (int i = 0; i < 10; ++i)
        index->put(place, std::to_string(i), used_at(10 * i, 1));
    index->put(place, "busy", {1, 1, ObjectState::in_use});
    RecencyCursor cursor;
    CHECK(index->walk_order(cursor, 0) == 0);
    CHECK(index->walk_order(cursor, 4) == 4);
    CHECK(cursor.last_use == 30);
    CHECK(index->walk_order(cursor, 100) == 6); // not what is in use
    CHECK(cursor.last_use == 90);
    CHECK(index->walk_order(cursor, 1) == 0);
    CHECK(cursor.last_use == 90);
}

TEST_CASE_FIXTURE(IndexFixture, "commits are timed that have something to do") {
    open();
    index->add_volume("v");
    const std::uint64_t before = index->commit_times().snapshot().within.back();
    CHECK(index->commit());
    CHECK(index->commit());
    CHECK(index->commit_if_due());
    CHECK(index->commit_times().snapshot().within.back() == before + 1);
}
