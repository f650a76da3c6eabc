// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/index/index_fixture.hpp"

#include <doctest/doctest.h>

#include <array>
#include <fstream>

using namespace cachefiles;
using namespace cachefiles::index;
using namespace cachefiles::tests;

TEST_CASE_FIXTURE(IndexFixture, "a bulk load ends with the same index") {
    open();
    const VolumeId volume = index->add_volume("v");
    index->begin_load();
    for (int fanout = 255; fanout >= 0; --fanout) {
        std::vector<Object> found;
        for (int i = 0; i < 50; ++i)
            found.push_back({ObjectId(), std::to_string(i), used_at(fanout * 100 + i)});
        index->put_all({volume, static_cast<std::uint8_t>(fanout)}, found);
    }
    // Everything but the order works meanwhile.
    CHECK(index->oldest({.limit = 10}).empty());
    CHECK_FALSE(index->nth_oldest_use(0).has_value());
    const ObjectId first = index->find({volume, 0}, "0")->id;
    index->touch(first, 1'000'000);
    index->set_state(std::array{index->find({volume, 0}, "1")->id}, ObjectState::in_use);
    index->commit();
    index->end_load();
    CHECK(index->totals() == Totals{12'800, 12'800 * 4096, 1});
    CHECK(order().size() == 12'799);
    CHECK(order({.limit = 1}) == Names{"2"});
    CHECK(order().back() == "0");
    CHECK(sound());
}

TEST_CASE_FIXTURE(IndexFixture,
                  "a load that does not fit into memory is sorted beside the database") {
    options.page_cache = 64 << 10;
    bool sorted_here = false; // SQLite sorts up to 1 MiB in memory, whatever its cache
    const std::string name = options.path.string() + "-sort (deleted)";
    const auto look = [&] {
        for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
            std::error_code closed; // the iterator's own
            sorted_here =
                sorted_here || std::filesystem::read_symlink(entry.path(), closed) == name;
        }
        return 0;
    };
    std::function<int()> fault;
    options.hooks = std::make_shared<TestHooks>(
        TestHooks{.fault = [&fault] { return fault ? fault() : 0; }, .sync = false});
    std::ofstream(options.path.string() + "-sort") << "left by a crash";
    open();
    const VolumeId volume = index->add_volume("v");
    index->begin_load();
    std::vector<Object> found;
    for (int i = 0; i < 60'000; ++i)
        found.push_back({ObjectId(), std::to_string(i), used_at(i * 7919 % 60'000)});
    index->put_all({volume, 1}, found);
    index->commit();
    fault = look;
    index->end_load();
    fault = nullptr;
    CHECK(sorted_here);
    CHECK(order().size() == 60'000);
    CHECK(sound());
    index.reset();
    CHECK_FALSE(std::filesystem::exists(options.path.string() + "-sort"));
}

TEST_CASE_FIXTURE(IndexFixture, "a load that did not end leaves an index that is in order") {
    open();
    const VolumeId volume = index->add_volume("v");
    index->begin_load();
    index->put_all({volume, 1}, std::array{Object{ObjectId(), "a", used_at(2)},
                                           Object{ObjectId(), "b", used_at(1)}});
    open();
    CHECK(order() == Names{"b", "a"});
    CHECK(sound());
}

TEST_CASE_FIXTURE(IndexFixture, "an index with objects is not loaded in bulk") {
    open();
    const VolumeId volume = index->add_volume("v");
    index->put({volume, 1}, "a", used_at(1));
    index->begin_load();
    CHECK(order() == Names{"a"});
    index->end_load();
    CHECK(order() == Names{"a"});
}
