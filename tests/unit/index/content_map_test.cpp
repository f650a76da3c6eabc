// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/content_map.hpp"
#include "tests/unit/index/index_fixture.hpp"

#include <doctest/doctest.h>

#include <bitset>
#include <random>

using namespace cachefiles;
using namespace cachefiles::index;
using cachefiles::tests::IndexFixture;

TEST_CASE("a new map is empty and stored as nothing") {
    const ContentMap map;
    CHECK(map.empty());
    CHECK(map.count() == 0);
    CHECK(map.stored().empty());
    CHECK(map.next(0, true) == ContentMap::blocks);
    CHECK(map.next(0, false) == 0);
}

TEST_CASE("a full map is 512 bytes") {
    ContentMap map;
    map.set(0, ContentMap::blocks);
    CHECK(map.count() == 4096);
    CHECK(map.stored().size() == 512);
    CHECK(map.next(0, false) == ContentMap::blocks);
    CHECK(ContentMap(map.stored()) == map);
}

TEST_CASE("the stored form begins with the lowest bits and ends with the last byte that has any") {
    ContentMap map;
    map.set(0, 1);
    map.set(9, 2);
    CHECK(map.stored() == std::vector{std::byte{1}, std::byte{6}});
    map.set(4095, 1);
    CHECK(map.stored().size() == 512);
    map.clear(4095, 1);
    CHECK(map.stored().size() == 2);
}

TEST_CASE("ranges are cut off at the end of the map") {
    ContentMap map;
    map.set(4090, 100);
    CHECK(map.count() == 6);
    map.set(4096, 1);
    map.set(SIZE_MAX, SIZE_MAX);
    CHECK(map.count() == 6);
    map.clear(4095, SIZE_MAX);
    CHECK(map.count() == 5);
    CHECK_FALSE(map.test(4096));
    CHECK_FALSE(map.test(SIZE_MAX));
    CHECK(map.next(SIZE_MAX, false) == ContentMap::blocks);
}

TEST_CASE("what is longer than a map is ignored when it is read") {
    const std::vector<std::byte> stored(600, std::byte{0xff});
    CHECK(ContentMap(stored).count() == 4096);
}

TEST_CASE("random changes give what a plain set of bits gives") {
    std::mt19937_64 random(7);
    ContentMap map;
    std::bitset<ContentMap::blocks> model;
    for (int round = 0; round < 2000; ++round) {
        const std::size_t first = random() % ContentMap::blocks;
        const std::size_t count = random() % 200;
        const bool value = random() % 2 != 0;
        value ? map.set(first, count) : map.clear(first, count);
        for (std::size_t i = first; i < std::min(first + count, ContentMap::blocks); ++i)
            model.set(i, value);

        REQUIRE(map.count() == model.count());
        REQUIRE(map.test(first) == model.test(first));
        std::size_t present = first;
        while (present < ContentMap::blocks && !model.test(present))
            ++present;
        REQUIRE(map.next(first, true) == present);
        std::size_t absent = first;
        while (absent < ContentMap::blocks && model.test(absent))
            ++absent;
        REQUIRE(map.next(first, false) == absent);
        REQUIRE(ContentMap(map.stored()) == map);
    }
}

TEST_CASE("what is present in either map, or in both") {
    ContentMap left, right, either, both;
    left.set(3, 100);
    right.set(50, 4000);
    either.set(3, 4047);
    both.set(50, 53);
    CHECK((ContentMap(left) |= right) == either);
    CHECK((ContentMap(right) &= left) == both);
}

namespace {

using Maps = std::vector<NumberedMap>;

ContentMap map_of(std::size_t first, std::size_t count) {
    ContentMap map;
    map.set(first, count);
    return map;
}

} // namespace

TEST_CASE_FIXTURE(IndexFixture, "content maps are kept for each GiB and go with the object") {
    open();
    const DirectoryId place{index->add_volume("v"), 1};
    const ObjectId id = index->put(place, "a", {});
    const ObjectId other = index->put(place, "b", {});
    const ContentMap map = map_of(3, 70);
    const ContentId high = ~ContentId{0};
    index->set_content_maps(id, high, Maps{{0, map}, {0xffffffff, map}});
    index->set_content_maps(other, 1, Maps{{0, map}});
    CHECK(index->content_map(id, 0, high) == map);
    CHECK(index->content_map(id, 1, high).empty());
    CHECK(index->content_map(id, 0, 1).empty());

    open();
    CHECK(index->content_map(id, 0xffffffff, high) == map);
    CHECK(index->content_maps(id, high) == Maps{{0, map}, {0xffffffff, map}});
    CHECK(index->content_maps(id, 1).empty());
    index->set_content_maps(id, 5, Maps{{7, map}, {8, ContentMap()}});
    CHECK(index->content_maps(id, high).empty());
    CHECK(index->content_maps(id, 5) == Maps{{7, map}});
    index->clear_content_maps(id);
    CHECK(index->content_maps(id, 5).empty());
    CHECK(index->content_map(other, 0, 1) == map);

    index->forget(place, "b");
    CHECK(index->put(place, "b", {}) == other);
    CHECK(index->content_map(other, 0, 1).empty());
}

TEST_CASE_FIXTURE(IndexFixture, "bits are added to maps of the same content; others are replaced") {
    open();
    const DirectoryId place{index->add_volume("v"), 1};
    const ObjectId a = index->put(place, "a", {});
    const ObjectId b = index->put(place, "b", {});
    index->set_content_maps(a, 1, Maps{{0, map_of(0, 2)}, {1, map_of(0, 2)}});
    index->merge_content_maps(std::vector<MapUpdate>{{a, 1, 0, map_of(5, 1)},
                                                     {a, 2, 1, map_of(9, 1)},
                                                     {b, 3, 0, map_of(1, 1)},
                                                     {b, 3, 0, map_of(2, 1)},
                                                     {ObjectId(12345), 3, 0, map_of(2, 1)},
                                                     {b, 0, 1, map_of(2, 1)}});
    ContentMap both = map_of(0, 2);
    both.set(5, 1);
    CHECK(index->content_maps(a, 1) == Maps{{0, both}});
    CHECK(index->content_maps(a, 2) == Maps{{1, map_of(9, 1)}});
    CHECK(index->content_maps(b, 3) == Maps{{0, map_of(1, 2)}});
    CHECK(index->content_maps(b, 0).empty());
    CHECK(index->content_maps(ObjectId(12345), 3).empty());
    CHECK(sound());
}

TEST_CASE_FIXTURE(IndexFixture, "an object that is not there has no content map") {
    open();
    index->set_content_maps(ObjectId(12345), 1, Maps{{0, map_of(0, 1)}});
    CHECK(index->content_map(ObjectId(12345), 0, 1).empty());
    const ObjectId id = index->put({index->add_volume("v"), 1}, "a", {});
    index->set_content_maps(id, 0, Maps{{0, map_of(0, 1)}});
    CHECK(index->content_maps(id, 0).empty());
}
