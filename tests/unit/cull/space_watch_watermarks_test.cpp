// SPDX-License-Identifier: GPL-2.0-or-later
#include "cull/space_watch.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <random>

namespace {

using namespace cachefiles;
using namespace cachefiles::cull;

constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

/// The driver's has_space(0, 0, check), as command-protocol section 4 has it.
class Driver {
public:
    Driver(const Watermarks& percent, const Space& at_bind)
        : frun_(at_bind.files / 100 * percent.files.run),
          fcull_(at_bind.files / 100 * percent.files.cull),
          fstop_(at_bind.files / 100 * percent.files.stop),
          brun_(at_bind.blocks / 100 * percent.blocks.run),
          bcull_(at_bind.blocks / 100 * percent.blocks.cull),
          bstop_(at_bind.blocks / 100 * percent.blocks.stop) {}

    bool culling(std::uint64_t b, std::uint64_t f) {
        if (f < fstop_ || b < bstop_)
            culling_ = true;
        else if (f < fcull_ || b < bcull_)
            culling_ = true;
        else if (culling_ && f >= frun_ && b >= brun_)
            culling_ = false;
        return culling_;
    }

    [[nodiscard]] bool at_run(std::uint64_t b, std::uint64_t f) const {
        return f >= frun_ && b >= brun_;
    }
    [[nodiscard]] bool below_stop(std::uint64_t b, std::uint64_t f) const {
        return f < fstop_ || b < bstop_;
    }

private:
    std::uint64_t frun_, fcull_, fstop_, brun_, bcull_, bstop_;
    bool culling_ = false;
};

Space disk(std::uint64_t free_blocks, std::uint64_t free_files) {
    return {.block_size = 4096,
            .blocks = 100'000,
            .free_blocks = free_blocks,
            .files = 10'000,
            .free_files = free_files};
}

Demand look(SpaceWatch& watch, const Space& space, bool culling = false, std::uint64_t reaping = 0,
            std::uint64_t reaping_objects = 0) {
    return watch.assess(space, {}, {}, 0, culling, reaping, reaping_objects);
}

} // namespace

TEST_SUITE_BEGIN("cull::SpaceWatch watermarks");

TEST_CASE("thresholds divide first, as the driver was seen to") {
    Watermarks percent;
    percent.blocks.run = 10;
    const Space space{.blocks = 124'725, .files = 32'768};
    const SpaceWatch::Thresholds limits = SpaceWatch::thresholds(percent, space);
    CHECK(limits.frun == 0x8f1);
    CHECK(limits.brun == 0x30b6);
    CHECK(limits.fstop == 327);
}

TEST_CASE("culling starts below cull, goes on between cull and run, and ends at run") {
    SpaceWatch watch({});
    CHECK_FALSE(look(watch, disk(6'000, 10'000)).any());
    CHECK_FALSE(look(watch, disk(5'000, 10'000)).any());
    const Demand demand = look(watch, disk(4'999, 10'000));
    CHECK(demand.reason == Reason::watermark);
    CHECK(demand.bytes == (7'000 - 4'999 + 2'000 / 128) * 4096);
    CHECK(demand.objects == 0);
    CHECK(look(watch, disk(6'999, 10'000)).any());
    CHECK_FALSE(look(watch, disk(7'000, 10'000)).any());
    CHECK_FALSE(look(watch, disk(6'999, 10'000)).any());
}

TEST_CASE("files run out on their own, and both must be at run") {
    SpaceWatch watch({});
    const Demand demand = look(watch, disk(50'000, 499));
    CHECK(demand.reason == Reason::watermark);
    CHECK(demand.bytes == 0);
    CHECK(demand.objects == 700 - 499 + 200 / 128);
    CHECK(look(watch, disk(6'999, 700)).bytes > 0);
    CHECK_FALSE(look(watch, disk(7'000, 700)).any());
}

TEST_CASE("below stop has its own name, and near it is urgent") {
    SpaceWatch watch({});
    CHECK(look(watch, disk(999, 10'000)).reason == Reason::stop_limit);
    CHECK(look(watch, disk(999, 10'000)).urgent);
    CHECK(look(watch, disk(2'999, 10'000)).urgent); // the middle of 1,000 and 5,000 is 3,000
    CHECK_FALSE(look(watch, disk(3'000, 10'000)).urgent);
    CHECK(look(watch, disk(9'000, 99)).reason == Reason::stop_limit);
}

TEST_CASE("a file system without inodes is never short of files") {
    SpaceWatch watch({});
    Space space = disk(50'000, 0);
    space.files = 0;
    CHECK_FALSE(look(watch, space).any());
    watch.set_thresholds({.brun = 7'000, .bcull = 5'000, .bstop = 1'000, .frun = 7, .fcull = 5});
    CHECK_FALSE(look(watch, space).any());
    CHECK_FALSE(look(watch, space, true).any());
    space.free_blocks = 0;
    const Demand demand = look(watch, space);
    CHECK(demand.any());
    CHECK(demand.objects == 0);
}

TEST_CASE("the driver's own figures replace the percentages, also after new limits") {
    SpaceWatch watch({});
    watch.set_thresholds({.brun = 40'000, .bcull = 30'000, .bstop = 10'000});
    CHECK(look(watch, disk(29'999, 0)).any());
    Limits limits;
    limits.watermarks.blocks.run = 50;
    watch.set_limits(limits);
    CHECK(watch.thresholds()->brun == 40'000);
}

TEST_CASE("the thresholds are those of the first look, until the limits are set again") {
    SpaceWatch watch({});
    CHECK_FALSE(look(watch, disk(50'000, 10'000)).any());
    Space grown = disk(50'000, 10'000);
    grown.blocks = 10'000'000;
    CHECK_FALSE(look(watch, grown).any());
    watch.set_limits({});
    CHECK(look(watch, grown).any());
}

TEST_CASE("the driver's flag forces culling up to run") {
    SpaceWatch watch({});
    CHECK(look(watch, disk(6'000, 10'000), true).bytes == (7'000 - 6'000 + 15) * 4096);
    // It counts the writes in flight, which are not seen here: a little above run is wanted.
    CHECK(look(watch, disk(7'000, 10'000), true).bytes == 15 * 4096);
    CHECK_FALSE(look(watch, disk(7'015, 10'000), true).any());
}

TEST_CASE("what is in the graveyard already is not asked for again") {
    SpaceWatch watch({});
    CHECK(look(watch, disk(4'000, 10'000), false, 1'000 * 4096).bytes ==
          (7'000 - 5'000 + 15) * 4096);
    CHECK_FALSE(look(watch, disk(4'000, 10'000), false, 3'000 * 4096).any());
    CHECK_FALSE(look(watch, disk(0, 10'000), true, largest).any());
    CHECK(look(watch, disk(50'000, 100), false, 0, 100).objects == 700 - 200 + 1);
    CHECK_FALSE(look(watch, disk(50'000, 100), false, 0, 600).any());
}

TEST_CASE("the margin is a part of the window, at least one, and capped") {
    CHECK(SpaceWatch::margin(12'800, 0, 1'000) == 100);
    CHECK(SpaceWatch::margin(100, 90, 1'000) == 1);
    CHECK(SpaceWatch::margin(largest, 0, 1'000) == 1'000);
    CHECK(SpaceWatch::margin(5, 10, 0) == 1);
}

TEST_CASE("numbers at the end of 64 bits do not wrap") {
    SpaceWatch watch({});
    const Space huge{.block_size = largest, .blocks = largest, .files = largest};
    const Demand demand = look(watch, huge);
    CHECK(demand.reason == Reason::stop_limit);
    CHECK(demand.bytes == largest);
    CHECK(demand.objects > largest / 100 * 7);

    SpaceWatch exact({});
    const Space tib64{.block_size = 4096, .blocks = 64ULL << 28, .files = 1ULL << 32};
    const Demand all = look(exact, tib64);
    const std::uint64_t run = (64ULL << 28) / 100 * 7;
    CHECK(all.bytes == (run + (1 << 30) / 4096) * 4096);

    Space broken = huge;
    broken.block_size = 0;
    SpaceWatch other({});
    CHECK(look(other, broken, true, largest).any());
}

TEST_CASE("demands exactly when the driver culls, whatever happens") {
    std::mt19937_64 random(20'240'601);
    for (int run = 0; run < 300; ++run) {
        const auto window = [&random] {
            const unsigned stop = static_cast<unsigned>(random() % 60);
            const unsigned cull = stop + 1 + static_cast<unsigned>(random() % 19);
            return Watermarks::Window{
                .run = cull + 1 + static_cast<unsigned>(random() % 19), .cull = cull, .stop = stop};
        };
        Limits limits;
        limits.watermarks = {.blocks = window(), .files = window()};
        REQUIRE(limits.watermarks.blocks.valid());
        Space space = disk(0, 0);
        space.blocks = random() >> (random() % 64);
        space.files = random() % 5 == 0 ? 0 : random() >> (random() % 64);
        SpaceWatch watch(limits);
        Driver driver(limits.watermarks, space);
        // The second watch is told the driver's flag, as the daemon does.
        SpaceWatch told(limits);
        for (int step = 0; step < 200; ++step) {
            space.free_blocks = space.blocks == 0 ? 0 : random() % space.blocks;
            space.free_files = space.files == 0 ? 0 : random() % space.files;
            const bool culling = driver.culling(space.free_blocks, space.free_files);
            const Demand demand = look(watch, space);
            REQUIRE(demand.any() == culling);
            REQUIRE(look(told, space, culling).any() == culling);
            if (!culling)
                continue;
            REQUIRE((demand.reason == Reason::stop_limit) ==
                    driver.below_stop(space.free_blocks, space.free_files));
            // What is asked is enough, and not absurdly more.
            const std::uint64_t blocks = demand.bytes / space.block_size;
            if (demand.bytes < largest) {
                REQUIRE(
                    driver.at_run(space.free_blocks + blocks, space.free_files + demand.objects));
            }
            REQUIRE(blocks <= space.blocks);
            REQUIRE(demand.objects <= space.files);
        }
    }
}

TEST_SUITE_END();
