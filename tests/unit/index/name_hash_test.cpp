// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/name_hash.hpp"
#include "tests/unit/index/index_fixture.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace cachefiles;
using namespace cachefiles::index;
using namespace cachefiles::tests;

TEST_CASE("a home lies in its directory with its whole window") {
    for (const std::uint64_t mask : {~std::uint64_t{0}, std::uint64_t{0}}) {
        const NameHash hash(42, mask);
        for (const DirectoryId directory : {DirectoryId{1, 0}, DirectoryId{max_volume_id, 255}}) {
            for (int i = 0; i < 1000; ++i) {
                const std::int64_t home = hash.home(directory, std::to_string(i));
                REQUIRE(ObjectId(home).directory() == directory);
                REQUIRE(ObjectId(home + NameHash::window - 1).directory() == directory);
            }
        }
    }
}

TEST_CASE("names of any length spread, and the seed decides where") {
    std::set<std::int64_t> homes;
    std::string name;
    for (int i = 0; i < 2000; ++i) {
        homes.insert(NameHash(1).home({1, 0}, name));
        homes.insert(NameHash(2).home({1, 0}, name));
        name += static_cast<char>('a' + i % 7);
    }
    CHECK(homes.size() == 4000);
    CHECK(NameHash(1).home({1, 0}, "abcdefgh") != NameHash(1).home({1, 0}, "abcdefgi"));
    CHECK(NameHash(1).home({1, 0}, "a") != NameHash(1).home({1, 0}, std::string_view("a\0", 2)));
}

TEST_CASE_FIXTURE(IndexFixture,
                  "names that collide share a window, and the ninth is not recorded") {
    options.hooks = std::make_shared<TestHooks>(TestHooks{.name_mask = 0, .sync = false});
    open();
    const DirectoryId place{index->add_volume("v"), 1};
    std::set<ObjectId> ids;
    for (int i = 0; i < 8; ++i)
        ids.insert(index->put(place, "n" + std::to_string(i), used_at(i)));
    CHECK(ids.size() == 8);
    CHECK(index->put(place, "ninth", used_at(9)) == ObjectId());
    CHECK_FALSE(index->find(place, "ninth").has_value());
    CHECK(index->totals().objects == 8);
    CHECK(index->find(place, "n7")->attributes.last_use == 7);

    // A hole in the window hides nothing behind it, and is filled again.
    const ObjectId third = index->find(place, "n2")->id;
    CHECK(index->forget(place, "n2"));
    CHECK(index->find(place, "n7").has_value());
    CHECK(index->put(place, "ninth", used_at(9)) == third);
    CHECK(index->put(place, "n7", used_at(70)) == index->find(place, "n7")->id);
    CHECK(index->totals().objects == 8);
    CHECK(sound());
}

TEST_CASE_FIXTURE(IndexFixture, "a scan finds a place for names that collide") {
    options.hooks = std::make_shared<TestHooks>(TestHooks{.name_mask = 0xff, .sync = false});
    open();
    const DirectoryId place{index->add_volume("v"), 1};
    // The seed is random: of 60 names in 256 homes some collide, and no nine of them in one window
    // (150 did so once in a hundred times).
    constexpr int names = 60;
    std::vector<Object> found;
    for (int i = 0; i < names; ++i)
        found.push_back({ObjectId(), "n" + std::to_string(i), used_at(i)});
    index->put_all(place, found);
    CHECK(index->totals().objects == names);
    for (const Object& object : found)
        REQUIRE(index->find(place, object.name)->attributes == object.attributes);
    index->put_all(place, found);
    CHECK(index->totals().objects == names);
    CHECK(sound());
}
