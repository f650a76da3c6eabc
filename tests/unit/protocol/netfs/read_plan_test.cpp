// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/netfs/read_plan.hpp"
#include "protocol/netfs/shared_map.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

using namespace cachefiles::protocol::netfs;

namespace {

constexpr std::uint64_t block = block_size;

/// Blocks beyond the last one are absent, or not.
struct Map {
    std::vector<bool> present;
    bool beyond = false;

    [[nodiscard]] bool test(std::uint64_t at) const {
        return at < present.size() ? present[at] : beyond;
    }
    std::uint64_t operator()(std::uint64_t from, bool wanted) const {
        for (std::uint64_t at = from; at <= std::max<std::uint64_t>(from, present.size()); ++at)
            if (test(at) == wanted)
                return at;
        return UINT64_MAX;
    }
};

const Map empty{};
const Map full{{}, true};

} // namespace

TEST_CASE("beyond the end there are zeros, whatever the map says") {
    for (const Map& map : {empty, full}) {
        CHECK(plan_read(1000, 10, 1000, map) == ReadPlan{ReadSource::zero, 1000, 10});
        CHECK(plan_read(5 * block, block, 1000, map) ==
              ReadPlan{ReadSource::zero, 5 * block, block});
        CHECK(plan_read(0, 1, 0, map) == ReadPlan{ReadSource::zero, 0, 1});
        CHECK(plan_read(UINT64_MAX, UINT64_MAX, UINT64_MAX, map) ==
              ReadPlan{ReadSource::zero, UINT64_MAX, UINT64_MAX});
    }
}

TEST_CASE("nothing of a range without length") {
    CHECK(plan_read(0, 0, 1000, empty) == ReadPlan{ReadSource::zero, 0, 0});
    CHECK(plan_read(5, 0, 1000, full) == ReadPlan{ReadSource::zero, 5, 0});
}

TEST_CASE("what is present is read as it was asked for") {
    CHECK(plan_read(0, 1, 10 * block, full) == ReadPlan{ReadSource::cache, 0, 1});
    CHECK(plan_read(block - 1, 2, 10 * block, full) == ReadPlan{ReadSource::cache, block - 1, 2});
    CHECK(plan_read(100, 9 * block, 10 * block, full) ==
          ReadPlan{ReadSource::cache, 100, 9 * block});
}

TEST_CASE("a read ends where the object does") {
    CHECK(plan_read(900, 1000, 1000, full) == ReadPlan{ReadSource::cache, 900, 100});
    CHECK(plan_read(900, UINT64_MAX, 1000, full) == ReadPlan{ReadSource::cache, 900, 100});
    CHECK(plan_read(900, 100, 1000, full) == ReadPlan{ReadSource::cache, 900, 100});
}

TEST_CASE("a read ends where something is absent") {
    const Map map{{true, true, false, true}};
    CHECK(plan_read(100, 4 * block, 4 * block, map) ==
          ReadPlan{ReadSource::cache, 100, 2 * block - 100});
    CHECK(plan_read(2 * block - 1, 2, 4 * block, map) ==
          ReadPlan{ReadSource::cache, 2 * block - 1, 1});
}

TEST_CASE("what is absent is fetched in whole blocks") {
    CHECK(plan_read(100, 1, 10 * block, empty) == ReadPlan{ReadSource::download_store, 0, block});
    CHECK(plan_read(block, block, 10 * block, empty) ==
          ReadPlan{ReadSource::download_store, block, block});
    CHECK(plan_read(2 * block - 1, 2, 10 * block, empty) ==
          ReadPlan{ReadSource::download_store, block, 2 * block});
}

TEST_CASE("nothing is fetched from beyond the end") {
    const std::uint64_t size = 3 * block + 1000;
    CHECK(plan_read(3 * block + 999, 1, size, empty) ==
          ReadPlan{ReadSource::download_store, 3 * block, 1000});
    CHECK(plan_read(100, UINT64_MAX, size, empty) == ReadPlan{ReadSource::download_store, 0, size});
    CHECK(plan_read(0, 5, 10, empty) == ReadPlan{ReadSource::download_store, 0, 10});
    CHECK(plan_read(block, 1, 2 * block, empty) ==
          ReadPlan{ReadSource::download_store, block, block});
}

TEST_CASE("nothing that is present is fetched") {
    const Map map{{false, false, true, false}};
    CHECK(plan_read(100, 4 * block, 4 * block, map) ==
          ReadPlan{ReadSource::download_store, 0, 2 * block});
    CHECK(plan_read(block + 5, 4 * block, 4 * block, map) ==
          ReadPlan{ReadSource::download_store, block, block});
    CHECK(plan_read(100, 1, 4 * block, map) == ReadPlan{ReadSource::download_store, 0, block});
}

TEST_CASE("the largest objects overflow nothing") {
    const std::uint64_t size = UINT64_MAX;
    const std::uint64_t last = size / block * block;
    CHECK(plan_read(size - 1, 1, size, empty) ==
          ReadPlan{ReadSource::download_store, last, size - last});
    CHECK(plan_read(size - 2, UINT64_MAX, size, full) == ReadPlan{ReadSource::cache, size - 2, 2});
    CHECK(plan_read(0, UINT64_MAX, size, full) == ReadPlan{ReadSource::cache, 0, size});
    CHECK(plan_read(1, UINT64_MAX, size, empty) == ReadPlan{ReadSource::download_store, 0, size});
}

TEST_CASE("a map that changes meanwhile still gives a plan that leads on") {
    const auto changing = [](std::uint64_t from, bool) {
        return from;
    };
    CHECK(plan_read(100, 4 * block, 4 * block, changing) ==
          ReadPlan{ReadSource::cache, 100, block - 100});
}

TEST_CASE("plans of any map cover a range as the blocks say") {
    std::mt19937_64 random(20260101);
    for (int round = 0; round < 20000; ++round) {
        const std::uint64_t blocks = random() % 9;
        Map map{std::vector<bool>(blocks), random() % 2 == 0};
        for (std::uint64_t i = 0; i < blocks; ++i)
            map.present[i] = random() % 2 == 0;
        const std::uint64_t size = blocks * block - (blocks > 0 ? random() % block : 0);
        std::uint64_t at = random() % (size + block);
        const std::uint64_t end = at + random() % (4 * block) + 1;
        int steps = 0;
        while (at < end) {
            REQUIRE(++steps <= 12);
            const ReadPlan plan = plan_read(at, end - at, size, map);
            REQUIRE(plan.length > 0);
            const std::uint64_t plan_end = plan.start + plan.length;
            const bool is_zero = at >= size;
            const bool is_present = !is_zero && map.test(at / block);
            REQUIRE(plan.source == (is_zero      ? ReadSource::zero
                                    : is_present ? ReadSource::cache
                                                 : ReadSource::download_store));
            if (plan.source == ReadSource::download_store) {
                REQUIRE(plan.start == at / block * block);
                REQUIRE((plan_end % block == 0 || plan_end == size));
                REQUIRE(plan_end < end + block);
            } else {
                REQUIRE(plan.start == at);
                REQUIRE(plan_end <= end);
            }
            REQUIRE(plan_end > at);
            if (!is_zero) { // all of one kind, and as long as it can be
                REQUIRE(plan_end <= size);
                for (std::uint64_t i = plan.start / block; i <= (plan_end - 1) / block; ++i)
                    REQUIRE(map.test(i) == is_present);
                REQUIRE((plan_end >= end || plan_end == size ||
                         map.test(plan_end / block) != is_present));
            }
            at = plan_end;
        }
    }
}
