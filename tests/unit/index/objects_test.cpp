// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/index/index_fixture.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace cachefiles;
using namespace cachefiles::index;
using namespace cachefiles::tests;

TEST_CASE_FIXTURE(IndexFixture, "an object is found by name and by id, and survives reopening") {
    open();
    const DirectoryId place{index->add_volume("v"), 7};
    const ObjectId id = index->put(place, "Ename", used_at(100, 5000));
    CHECK(id.directory() == place);
    const Object expected{id, "Ename", used_at(100, 5000)};
    CHECK(index->find(place, "Ename") == expected);
    CHECK(index->find(id) == expected);
    CHECK_FALSE(index->find(place, "Eother").has_value());
    CHECK_FALSE(index->find({place.volume, 8}, "Ename").has_value());
    open();
    CHECK(index->find(id) == expected);
    CHECK(index->totals() == Totals{1, 5000, 0});
    CHECK(log.lines().empty());
}

TEST_CASE_FIXTURE(IndexFixture, "putting an object again keeps its id and replaces the rest") {
    open();
    const DirectoryId place{index->add_volume("v"), 7};
    const ObjectId id = index->put(place, "E", used_at(100, 5000));
    CHECK(index->put(place, "E", {700, 50, ObjectState::in_use}) == id);
    CHECK(index->find(id)->attributes == Attributes{700, 50, ObjectState::in_use});
    CHECK(index->totals() == Totals{1, 700, 1});
    CHECK(sound());
}

TEST_CASE_FIXTURE(IndexFixture, "names are bytes") {
    open();
    const DirectoryId place{index->add_volume("v"), 7};
    const std::string strange = "a\xff\n' \x01";
    const std::string longest(255, 'x');
    index->put(place, strange, used_at(1));
    index->put(place, longest, used_at(2));
    CHECK(order() == Names{strange, longest});
    CHECK(index->find(place, longest).has_value());
}

TEST_CASE_FIXTURE(IndexFixture, "an object of an unknown volume is not recorded") {
    open();
    CHECK(index->put({9, 1}, "E", used_at(1)) == ObjectId());
    index->put_all({9, 1}, std::array{Object{ObjectId(), "E", used_at(1)}});
    index->set_mark({9, 1}, 5);
    CHECK(index->totals() == Totals{});
    CHECK_FALSE(index->mark({9, 1}).has_value());
}

TEST_CASE_FIXTURE(IndexFixture, "values that do not fit are brought into range") {
    open();
    const DirectoryId place{index->add_volume("v"), 0};
    const ObjectId id = index->put(place, "E", {UINT64_MAX, -5, ObjectState::idle});
    CHECK(index->find(id)->attributes == Attributes{INT64_MAX, 0, ObjectState::idle});
    const ObjectId later = index->put(place, "F", {0, INT64_MAX, ObjectState::in_use});
    CHECK(index->find(later)->attributes.state == ObjectState::in_use);
    index->set_all_idle();
    CHECK(index->find(later)->attributes.state == ObjectState::idle);
    CHECK(order() == Names{"E", "F"});
    CHECK(sound());
}

TEST_CASE_FIXTURE(IndexFixture, "a scan adds what is new and does not make anything older") {
    open();
    const DirectoryId place{index->add_volume("v"), 3};
    const ObjectId used = index->put(place, "used", {100, 1000, ObjectState::in_use});
    index->put_all(place, std::array{Object{ObjectId(), "new", used_at(5, 1)},
                                     Object{ObjectId(), "used", used_at(500, 200)},
                                     Object{ObjectId(), "twice", used_at(6, 2)},
                                     Object{ObjectId(), "twice", used_at(7, 3)}});
    CHECK(index->find(used)->attributes == Attributes{200, 1000, ObjectState::in_use});
    CHECK(index->find(place, "twice")->attributes == used_at(7, 3));
    CHECK(index->totals() == Totals{3, 204, 1});
    index->put_all(place, std::array{Object{ObjectId(), "used", used_at(5000, 200)}});
    CHECK(index->find(used)->attributes.last_use == 5000);
    CHECK(sound());
}

TEST_CASE_FIXTURE(IndexFixture, "a scan of a new directory takes duplicates") {
    open();
    const DirectoryId place{index->add_volume("v"), 3};
    index->put_all(place, std::array{Object{ObjectId(), "twice", used_at(6, 2)},
                                     Object{ObjectId(), "twice", used_at(7, 3)}});
    CHECK(index->totals() == Totals{1, 3, 0});
    CHECK(sound());
}

TEST_CASE_FIXTURE(IndexFixture, "states are counted, and unknown ids are ignored") {
    open();
    const DirectoryId place{index->add_volume("v"), 3};
    const ObjectId a = index->put(place, "a", used_at(10));
    const ObjectId b = index->put(place, "b", used_at(20));
    const std::array ids{a, b, ObjectId(777)};
    index->set_state(ids, ObjectState::in_use);
    CHECK(index->totals().in_use == 2);
    CHECK(order().empty());
    index->set_state(ids, ObjectState::in_use, 15);
    CHECK(index->totals().in_use == 2);
    index->set_state(std::array{b}, ObjectState::idle);
    CHECK(order() == Names{"b"});
    CHECK(index->find(a)->attributes.last_use == 15);
    CHECK(index->find(b)->attributes.last_use == 20); // never back
    index->set_all_idle();
    CHECK(order() == Names{"a", "b"});
    CHECK(index->totals().in_use == 0);
    index->set_state(std::array{a}, ObjectState::idle, 99); // only the recency
    CHECK(order() == Names{"b", "a"});
    CHECK(index->volume(place.volume)->newest_use == 99);
    CHECK(sound());
}

TEST_CASE_FIXTURE(IndexFixture, "forgetting by id, by name and by what is known") {
    open();
    const DirectoryId place{index->add_volume("v"), 3};
    const ObjectId a = index->put(place, "a", used_at(10, 1));
    index->put(place, "b", {2, 20, ObjectState::in_use});
    index->put(place, "c", used_at(30, 4));
    index->forget(std::array{a, a, ObjectId(5)});
    CHECK(index->totals() == Totals{2, 6, 1});
    CHECK(index->forget(place, "b"));
    CHECK_FALSE(index->forget(place, "b"));
    CHECK(index->totals() == Totals{1, 4, 0});
    const std::vector<Object> known = index->oldest({.limit = 10});
    CHECK(index->forget(known) == 1);
    CHECK(index->forget(known) == 0);
    CHECK(index->totals() == Totals{});
    CHECK(sound());
}

TEST_CASE_FIXTURE(IndexFixture, "an object made anew after it was evicted is not forgotten") {
    open();
    const DirectoryId place{index->add_volume("v"), 3};
    index->put(place, "a", used_at(10, 1));
    index->put(place, "b", used_at(10, 1));
    index->put(place, "c", used_at(10, 1));
    const std::vector<Object> victims = index->oldest({.limit = 10});
    index->put(place, "a", used_at(10, 2));
    index->put(place, "b", used_at(11, 1));
    CHECK(index->forget(victims) == 1);
    CHECK(order() == Names{"a", "b"});
    CHECK(index->totals() == Totals{2, 3, 0});
    CHECK(sound());
}

TEST_CASE_FIXTURE(IndexFixture, "a directory is visited in id order, whatever the visitor does") {
    open();
    const DirectoryId place{index->add_volume("v"), 3};
    std::vector<Object> found;
    for (int i = 0; i < 10'000; ++i) // more than two pages
        found.push_back({ObjectId(), std::to_string(i), used_at(i)});
    index->put_all(place, found);
    index->put({place.volume, 2}, "before", used_at(1));
    index->put({place.volume, 4}, "behind", used_at(1));
    ObjectId last;
    std::size_t visited = 0;
    index->for_each(place, [&](const Object& object) {
        REQUIRE(object.id > last);
        REQUIRE(object.attributes.last_use == std::stoi(object.name));
        last = object.id;
        ++visited;
        if (visited % 100 == 0)
            index->forget(std::array{object.id});
    });
    CHECK(visited == 10'000);
    CHECK(index->totals().objects == 9'902);
}
