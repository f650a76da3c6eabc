// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/index/index_fixture.hpp"

#include <doctest/doctest.h>

using namespace cachefiles;
using namespace cachefiles::index;
using namespace cachefiles::tests;

TEST_CASE_FIXTURE(IndexFixture, "a volume is made once for each key and keeps its number") {
    open();
    const VolumeId first = index->add_volume("nfs,4.2,2,,server");
    CHECK(first != 0);
    CHECK(index->add_volume("nfs,4.2,2,,server") == first);
    const std::string strange("k\0\xff", 3);
    const VolumeId second = index->add_volume(strange);
    CHECK(second != first);
    open();
    CHECK(index->add_volume(strange) == second);
    const std::vector<Volume> all = index->volumes();
    REQUIRE(all.size() == 2);
    CHECK(all[1].key == strange);
    CHECK_FALSE(index->volume(99).has_value());
    CHECK(log.lines().empty());
}

TEST_CASE_FIXTURE(IndexFixture, "totals are kept for each volume, and last over a restart") {
    open();
    const VolumeId a = index->add_volume("a");
    const VolumeId b = index->add_volume("b");
    index->put({a, 0}, "1", used_at(5, 100));
    index->put({a, 255}, "2", {200, 9, ObjectState::in_use});
    index->put({b, 0}, "3", used_at(7, 400));
    for (int round = 0; round < 2; ++round) {
        CHECK(index->totals() == Totals{3, 700, 1});
        CHECK(index->volume(a)->totals == Totals{2, 300, 1});
        CHECK(index->volume(a)->newest_use == 9);
        CHECK(index->volume(b)->totals == Totals{1, 400, 0});
        CHECK(index->volume(b)->newest_use == 7);
        open();
    }
    CHECK(sound());
}

TEST_CASE_FIXTURE(IndexFixture, "volumes may have been used without anybody knowing what") {
    open();
    const VolumeId old = index->add_volume("old");
    const VolumeId young = index->add_volume("young");
    const ObjectId object = index->put({old, 0}, "object", used_at(100));
    index->put({young, 0}, "object", used_at(300));
    index->use_volumes(200);
    CHECK(index->volume(old)->newest_use == 200);
    CHECK(index->volume(young)->newest_use == 300);
    CHECK(index->find(object)->attributes.last_use == 100);
    open();
    CHECK(index->volume(old)->newest_use == 200);
    CHECK(sound());
}

TEST_CASE_FIXTURE(IndexFixture,
                  "a volume goes with everything that belongs to it, and nothing else") {
    open();
    const VolumeId gone = index->add_volume("gone");
    const VolumeId kept = index->add_volume("kept");
    ContentMap map;
    map.set(0, 1);
    for (int i = 0; i < 40'000; ++i)
        index->put({gone, static_cast<std::uint8_t>(i)}, std::to_string(i),
                   {2, i, i % 2 == 0 ? ObjectState::idle : ObjectState::in_use});
    const ObjectId with_map = index->put({gone, 255}, "map", used_at(1, 2));
    index->set_content_maps(with_map, 7, std::vector<NumberedMap>{{0, map}});
    index->set_mark({gone, 3}, 1);
    index->set_checked({gone, 3}, false);
    const ObjectId other = index->put({kept, 0}, "other", used_at(1, 2));
    index->set_content_maps(other, 8, std::vector<NumberedMap>{{0, map}});
    index->set_mark({kept, 0}, 1);

    CHECK(index->remove_volume(gone) == Totals{40'001, 80'002, 20'000});
    CHECK_FALSE(index->volume(gone).has_value());
    CHECK(index->totals() == Totals{1, 2, 0});
    CHECK(index->marks().size() == 1);
    CHECK(index->unchecked(10).empty());
    CHECK(index->content_map(with_map, 0, 7).empty());
    CHECK(index->content_map(other, 0, 8) == map);
    CHECK(index->put({gone, 0}, "late", used_at(1)) == ObjectId());
    CHECK(index->remove_volume(gone) == Totals{});
    CHECK(index->add_volume("gone") != gone);
    CHECK(sound());
}
