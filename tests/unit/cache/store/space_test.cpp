// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/space_check.hpp"
#include "tests/unit/cache/store/store_bench.hpp"

#include <sys/statvfs.h>

#include <cerrno>
#include <utility>

using namespace cachefiles;
using namespace cachefiles::cache::store;
using namespace cachefiles::tests;

TEST_CASE("without limits there is always room") {
    NEED_A_STORE();
    StoreBench bench;
    SpaceCheck space(bench.store->root().root(), {});
    CHECK(space.for_files(1));
    CHECK(space.for_write(~std::uint64_t{0}));
    CHECK(space.writing() == 0);
}

TEST_CASE("a write reserves its blocks for as long as it lasts") {
    NEED_A_STORE();
    StoreBench bench;
    struct statvfs status{};
    REQUIRE(fstatvfs(bench.store->root().root(), &status) == 0);
    SpaceCheck& space = bench.store->space();
    {
        const auto one = space.for_write(1);
        CHECK(space.writing() == 1);
        const auto two = space.for_write(status.f_bsize + 1);
        CHECK(space.writing() == 3);
        const auto none = space.for_write(0);
        CHECK(space.writing() == 3);
    }
    CHECK(space.writing() == 0);
}

TEST_CASE("what others are writing counts, what does not fit is not reserved") {
    NEED_A_STORE();
    StoreBench bench;
    struct statvfs status{};
    REQUIRE(fstatvfs(bench.store->root().root(), &status) == 0);
    SpaceCheck& space = bench.store->space();
    // Half of what is free: others may use this file system meanwhile, but not that much of it.
    const std::uint64_t half = status.f_bavail / 2;
    bench.limits.blocks = status.f_bavail / 4;
    {
        const auto first = space.for_write(half * status.f_bsize);
        REQUIRE(first);
        const auto second = space.for_write(half * status.f_bsize);
        REQUIRE_FALSE(second);
        CHECK(second.error() == ENOSPC);
        CHECK(space.writing() == half);
    }
    CHECK(space.for_write(half * status.f_bsize));
    bench.limits.blocks = ~std::uint64_t{0};
    CHECK(space.for_write(0).error() == ENOSPC);
    CHECK(space.for_files(0).error() == ENOSPC);
    CHECK(space.writing() == 0);
}

TEST_CASE("a file system that cannot be asked") {
    SpaceCheck space(-1, {});
    CHECK(space.for_files(1).error() == EBADF);
    CHECK(space.for_write(1).error() == EBADF);
    CHECK(space.writing() == 0);
}

TEST_CASE("a judge decides instead of the limits, and is told what for") {
    NEED_A_STORE();
    StoreBench bench;
    struct statvfs status{};
    REQUIRE(fstatvfs(bench.store->root().root(), &status) == 0);
    std::vector<SpaceUse> uses;
    Room room;
    bool answer = true;
    SpaceCheck space(
        bench.store->root().root(), [] { return StopLimits{~std::uint64_t{0}, 0}; },
        [&](const Room& left, SpaceUse use) {
            uses.push_back(use);
            room = left;
            return answer;
        });
    CHECK(space.look());
    CHECK(space.for_files(1));
    CHECK(room.files < status.f_files);
    const auto whole = space.for_write(status.f_blocks * status.f_bsize);
    CHECK(whole);
    CHECK(room.blocks == 0);
    CHECK(space.look()); // what is being written is not free
    CHECK(room.blocks == 0);
    answer = false;
    CHECK(space.look().error() == ENOSPC);
    CHECK(uses == std::vector{SpaceUse::check, SpaceUse::create, SpaceUse::write, SpaceUse::check,
                              SpaceUse::check});
}
