// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/index/index_fixture.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace cachefiles;
using namespace cachefiles::index;
using namespace cachefiles::tests;

TEST_CASE_FIXTURE(IndexFixture, "a pin lasts over a restart, and is the key's") {
    open();
    const std::string strange("k\0\xff", 3);
    VolumeId volume = index->add_volume(strange);
    const VolumeId other = index->add_volume("other");
    index->put({volume, 0}, "object", used_at(1));
    index->pin(strange, true);
    index->pin("not there yet", true);
    for (int round = 0; round < 2; ++round) {
        CHECK(index->volume(volume)->pinned);
        CHECK(index->volume(strange)->pinned);
        CHECK_FALSE(index->volume(other)->pinned);
        CHECK_FALSE(index->uncommitted());
        open();
    }
    index->remove_volume(volume);
    CHECK_FALSE(index->volume(strange));
    open();
    volume = index->add_volume(strange);
    CHECK(index->volume(volume)->pinned);
    CHECK(index->volume(index->add_volume("not there yet"))->pinned);
    index->pin(strange, false);
    open();
    CHECK_FALSE(index->volume(volume)->pinned);
    CHECK(sound());
}

TEST_CASE_FIXTURE(IndexFixture, "a volume without its directory has no pin, the next one has") {
    open();
    const VolumeId old = index->add_volume("v");
    index->pin("v", true);
    index->orphan_volume(old);
    CHECK_FALSE(index->volume(old)->pinned);
    const VolumeId young = index->add_volume("v");
    CHECK(young != old);
    CHECK(index->volume(young)->pinned);
    open();
    CHECK_FALSE(index->volume(old)->pinned);
    CHECK(index->volume(young)->pinned);
}

TEST_CASE_FIXTURE(IndexFixture, "whoever wants to remove passes over pinned volumes") {
    open();
    const VolumeId a = index->add_volume("a");
    const VolumeId b = index->add_volume("b");
    index->put({a, 0}, "a1", used_at(1));
    index->put({b, 0}, "b2", used_at(2));
    index->put({a, 0}, "a3", used_at(3));
    index->pin("a", true);
    CHECK(order({.unpinned = true}) == Names{"b2"});
    CHECK(order({.only = a, .unpinned = true}).empty());
    CHECK(order() == Names{"a1", "b2", "a3"});
    index->pin("a", false);
    CHECK(order({.unpinned = true}) == Names{"a1", "b2", "a3"});
}

TEST_CASE_FIXTURE(IndexFixture, "those in use stand behind all others, and pages join") {
    open();
    const VolumeId a = index->add_volume("a");
    const VolumeId b = index->add_volume("b");
    Names expected;
    for (int i = 0; i < 40; ++i) {
        expected.push_back("idle" + std::to_string(i));
        index->put({i % 4 == 0 ? a : b, 0}, expected.back(),
                   used_at(100 + i / 3, 4096u * (1000u - i)));
    }
    for (int i = 0; i < 7; ++i) {
        expected.push_back("used" + std::to_string(i));
        index->put({a, 1}, expected.back(), {4096, 50 + i, ObjectState::in_use});
    }
    for (const std::size_t limit : {1u, 3u, 46u, 47u, 48u}) {
        Names found;
        OldestQuery query{.limit = limit, .in_use = true};
        std::vector<Object> page;
        do {
            page = index->oldest(query);
            for (const Object& object : page) {
                found.push_back(object.name);
                CHECK((object.attributes.state == ObjectState::in_use) ==
                      object.name.starts_with("used"));
                CHECK(*index->find(object.id) == object);
                query.after = RecencyCursor::at(object);
            }
        } while (!page.empty());
        CHECK(found == expected);
    }
    const Names of_a = order({.limit = 100, .only = a, .in_use = true});
    CHECK(of_a.size() == 17);
    CHECK(of_a.back() == "used6");
    CHECK(order({.limit = 2, .only = a, .in_use = true}) == Names{"idle0", "idle4"});
    const std::vector<Object> nameless = index->oldest({.limit = 100, .names = false});
    REQUIRE(nameless.size() == 40);
    CHECK(nameless[3].name.empty());
    CHECK(nameless[3].attributes.bytes == 4096u * 997u);
}

TEST_CASE_FIXTURE(IndexFixture, "the oldest use can be shown without writing the uses that wait") {
    open();
    CHECK_FALSE(index->oldest_use());
    const VolumeId volume = index->add_volume("v");
    std::vector<ObjectId> ids;
    for (int i = 0; i < 5; ++i)
        ids.push_back(index->put({volume, 0}, "o" + std::to_string(i), used_at(10 + i)));
    CHECK(index->oldest_use() == 10);
    index->commit();
    index->touch(ids[0], 100);
    index->touch(ids[1], 13);
    CHECK(index->oldest_use() == 12);
    CHECK_FALSE(index->uncommitted());
    CHECK(index->nth_oldest_use(0) == 12);
}

TEST_CASE_FIXTURE(IndexFixture, "a comparison tells how far it is, and can be given up") {
    open();
    const VolumeId volume = index->add_volume("v");
    for (int i = 0; i < 40'000; ++i)
        index->put({volume, 0}, "object" + std::to_string(i), used_at(1));
    std::vector<std::uint64_t> told;
    CHECK(index
              ->verify([&](std::uint64_t rows) {
                  told.push_back(rows);
                  return true;
              })
              .empty());
    CHECK(std::is_sorted(told.begin(), told.end()));
    CHECK(told.back() == 40'000);
    CHECK(index->verify([](std::uint64_t) { return false; }).empty());
    index->put({volume, 1}, "one more", used_at(1)); // nobody counts along any more
    CHECK(sound());
}
