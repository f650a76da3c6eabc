// SPDX-License-Identifier: GPL-2.0-or-later
#include "cull/space_watch.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace cachefiles;
using namespace cachefiles::cull;

constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
constexpr Seconds now = 1'700'000'000;

/// A disk with room enough, so that only the limits under test speak.
Space roomy(std::uint64_t free_blocks = 50'000) {
    return {.block_size = 4096,
            .blocks = 100'000,
            .free_blocks = free_blocks,
            .files = 10'000,
            .free_files = 9'000};
}

index::Volume volume(index::VolumeId id, std::string key, std::uint64_t objects,
                     std::uint64_t bytes) {
    return {.id = id,
            .key = std::move(key),
            .totals = {.objects = objects, .bytes = bytes},
            .newest_use = now};
}

Demand with_totals(SpaceWatch& watch, std::uint64_t objects, std::uint64_t bytes) {
    return watch.assess(roomy(), {.objects = objects, .bytes = bytes}, {}, now, false, 0);
}

Demand with_volumes(SpaceWatch& watch, const std::vector<index::Volume>& volumes,
                    Seconds time = now) {
    return watch.assess(roomy(), {}, volumes, time, false, 0);
}

VolumeRule rule(std::string match) {
    VolumeRule made;
    made.match = std::move(match);
    return made;
}

} // namespace

TEST_SUITE_BEGIN("cull::SpaceWatch limits");

TEST_CASE("max_size starts above the limit and goes down to 95 %") {
    Limits limits;
    limits.max_size = 1'000'000;
    SpaceWatch watch(limits);
    CHECK_FALSE(with_totals(watch, 1, 1'000'000).any());
    const Demand demand = with_totals(watch, 1, 1'000'001);
    CHECK(demand.reason == Reason::max_size);
    CHECK(demand.bytes == 50'001);
    CHECK(demand.objects == 0);
    CHECK(with_totals(watch, 1, 950'001).bytes == 1);
    CHECK_FALSE(with_totals(watch, 1, 950'000).any());
    CHECK_FALSE(with_totals(watch, 1, 1'000'000).any());
}

TEST_CASE("max_files likewise, and max_size first") {
    Limits limits;
    limits.max_size = 1'000;
    limits.max_files = 100;
    SpaceWatch watch(limits);
    CHECK(with_totals(watch, 101, 1'001).reason == Reason::max_size);
    const Demand demand = with_totals(watch, 101, 950);
    CHECK(demand.reason == Reason::max_files);
    CHECK(demand.objects == 6);
    CHECK(demand.bytes == 0);
    CHECK_FALSE(with_totals(watch, 95, 950).any());
}

TEST_CASE("a raised limit ends what the old one had begun; an equal one does not") {
    Limits limits;
    limits.max_size = 1'000;
    SpaceWatch watch(limits);
    CHECK(with_totals(watch, 1, 1'001).any());
    watch.set_limits(limits);
    CHECK(with_totals(watch, 1, 990).any());
    limits.max_size = 1'010;
    watch.set_limits(limits);
    CHECK_FALSE(with_totals(watch, 1, 990).any());
}

TEST_CASE("limits at both ends of 64 bits") {
    Limits limits;
    limits.max_size = largest;
    limits.max_files = largest;
    SpaceWatch never(limits);
    CHECK_FALSE(with_totals(never, largest, largest).any());
    limits.max_size = 0;
    SpaceWatch all(limits);
    CHECK_FALSE(with_totals(all, 0, 0).any());
    CHECK(with_totals(all, 1, largest).bytes == largest);
}

TEST_CASE("min_free starts below the limit and goes up to 105 %") {
    Limits limits;
    limits.min_free = 20'000ULL * 4096;
    SpaceWatch watch(limits);
    const auto look = [&watch](std::uint64_t free, std::uint64_t reaping = 0) {
        return watch.assess(roomy(free), {}, {}, now, false, reaping);
    };
    CHECK_FALSE(look(20'000).any());
    const Demand demand = look(19'999);
    CHECK(demand.reason == Reason::min_free);
    CHECK(demand.bytes == 1'001 * 4096);
    CHECK(look(20'999).bytes == 4096);
    CHECK_FALSE(look(20'000, 1'000 * 4096).any());
    CHECK_FALSE(look(20'000).any());
}

TEST_CASE("min_free beyond the disk asks for the disk, not for more") {
    Limits limits;
    limits.min_free = largest;
    SpaceWatch watch(limits);
    CHECK(watch.assess(roomy(40'000), {}, {}, now, false, 0).bytes == 60'000 * 4096);
    CHECK_FALSE(watch.assess(roomy(100'000), {}, {}, now, false, 0).any());
}

TEST_CASE("the first reason in the order of precedence is named") {
    Limits limits;
    limits.max_size = 10;
    limits.max_files = 10;
    limits.min_free = 10'000ULL * 4096;
    limits.max_age = 10;
    limits.volumes = {rule("v")};
    limits.volumes[0].max_size = 1;
    SpaceWatch watch(limits);
    std::vector<index::Volume> volumes{volume(1, "v", 100, 100)};
    const auto reason = [&](std::uint64_t free, std::uint64_t objects, std::uint64_t bytes) {
        return watch
            .assess(roomy(free), {.objects = objects, .bytes = bytes}, volumes, now, false, 0)
            .reason;
    };
    CHECK(reason(0, 100, 100) == Reason::stop_limit);
    CHECK(reason(4'000, 100, 100) == Reason::watermark);
    CHECK(reason(9'000, 100, 100) == Reason::min_free);
    CHECK(reason(50'000, 100, 100) == Reason::max_size);
    CHECK(reason(50'000, 100, 1) == Reason::max_files);
    CHECK(reason(50'000, 1, 1) == Reason::volume);
    volumes.clear();
    CHECK(reason(50'000, 1, 1) == Reason::max_age);
    CHECK(reason(50'000, 1, 1) == Reason::none);
}

TEST_CASE("every reason has a name of its own") {
    std::vector<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(Reason::request); ++i)
        names.push_back(to_string(static_cast<Reason>(i)));
    CHECK(names.front() == "none");
    std::sort(names.begin(), names.end());
    CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
}

TEST_CASE("the first rule that matches holds; patterns are the shell's") {
    Limits limits;
    limits.volumes = {rule("nfs,*,home*"), rule("nfs,*"), rule("[ab]?")};
    SpaceWatch watch(limits);
    CHECK(watch.rule_for("nfs,4,homes") == &watch.limits().volumes[0]);
    CHECK(watch.rule_for("nfs,4,other") == &watch.limits().volumes[1]);
    CHECK(watch.rule_for("b7") == &watch.limits().volumes[2]);
    CHECK(watch.rule_for("b77") == nullptr);
    CHECK(watch.rule_for("\xff\xfe") == nullptr);
}

TEST_CASE("pinned volumes are named, and their limits are void") {
    Limits limits;
    limits.volumes = {rule("keep*"), rule("*")};
    limits.volumes[0].pin = true;
    limits.volumes[0].max_size = 1;
    limits.volumes[0].max_age = 1;
    limits.volumes[1].max_size = 1'000;
    SpaceWatch watch(limits);
    const std::vector<index::Volume> volumes{volume(1, "keep1", 5, 5'000), volume(2, "x", 5, 500),
                                             volume(3, "keep2", 5, 5'000)};
    CHECK(watch.pinned(volumes) == std::vector<index::VolumeId>{1, 3});
    CHECK_FALSE(with_volumes(watch, volumes).any());
}

TEST_CASE("the limits of a volume with a pin of its own are void, too") {
    Limits limits;
    limits.volumes = {rule("v*"), rule("w*")};
    limits.volumes[0].max_files = 10;
    limits.volumes[1].max_age = 50;
    SpaceWatch watch(limits);
    std::vector<index::Volume> volumes{volume(1, "v", 100, 0), volume(2, "w", 100, 0)};
    for (index::Volume& each : volumes)
        each.pinned = true;
    CHECK_FALSE(with_volumes(watch, volumes).any());
    volumes[0].pinned = false;
    CHECK(with_volumes(watch, volumes).only == 1);
    volumes[0].pinned = true;
    volumes[1].pinned = false;
    CHECK(with_volumes(watch, volumes, now + 60).only == 2);
}

TEST_CASE("the volume most above its limits is named, by hysteresis") {
    Limits limits;
    limits.volumes = {rule("a"), rule("b"), rule("c")};
    limits.volumes[0].max_size = 1'000;
    limits.volumes[1].max_files = 10;
    limits.volumes[2].max_size = 100;
    SpaceWatch watch(limits);
    std::vector<index::Volume> volumes{volume(1, "a", 1, 1'200), volume(2, "b", 30, 1),
                                       volume(3, "c", 1, 100)};
    const Demand first = with_volumes(watch, volumes);
    CHECK(first.reason == Reason::volume);
    CHECK(first.only == 2);
    CHECK(first.objects == 20); // down to 95 % of 10, rounded up
    CHECK(first.bytes == 0);
    volumes[1].totals.objects = 10;
    const Demand second = with_volumes(watch, volumes);
    CHECK(second.only == 1);
    CHECK(second.bytes == 250);
    volumes[0].totals.bytes = 951;
    CHECK(with_volumes(watch, volumes).bytes == 1);
    volumes[0].totals.bytes = 950;
    CHECK_FALSE(with_volumes(watch, volumes).any());
    volumes[0].totals.bytes = 1'000;
    CHECK_FALSE(with_volumes(watch, volumes).any());
}

TEST_CASE("a volume that stays above does not keep the others and max_age from their turn") {
    Limits limits;
    limits.volumes = {rule("*")};
    limits.volumes[0].max_size = 100;
    limits.max_age = 1'000;
    SpaceWatch watch(limits);
    const std::vector<index::Volume> volumes{volume(1, "a", 1, 300), volume(2, "b", 1, 500),
                                             volume(3, "c", 1, 50)};
    CHECK(with_volumes(watch, volumes).only == 2);
    CHECK(with_volumes(watch, volumes).only == 1);
    CHECK(with_volumes(watch, volumes).reason == Reason::max_age);
    CHECK(with_volumes(watch, volumes).only == 2);
    CHECK(with_volumes(watch, volumes).only == 1);
    CHECK(with_volumes(watch, volumes).only == 2); // max_age has its turn once a minute
}

TEST_CASE("max_age is asked for once a minute: each volume that has one, then all others") {
    Limits limits;
    limits.max_age = 1'000;
    limits.volumes = {rule("short"), rule("long"), rule("pinned")};
    limits.volumes[0].max_age = 10;
    limits.volumes[1].max_age = 100'000;
    limits.volumes[2].pin = true;
    limits.volumes[2].max_age = 10;
    SpaceWatch watch(limits);
    const std::vector<index::Volume> volumes{volume(1, "short", 1, 1), volume(2, "long", 1, 1),
                                             volume(3, "pinned", 1, 1), volume(4, "other", 1, 1)};
    for (const Seconds time : {now, now + 60, now - 3'600}) { // also when the clock is set back
        std::vector<std::pair<index::VolumeId, Seconds>> asked;
        Demand demand = with_volumes(watch, volumes, time);
        for (; demand.any(); demand = with_volumes(watch, volumes, time)) {
            CHECK(demand.reason == Reason::max_age);
            CHECK(demand.bytes == 0);
            REQUIRE(demand.used_before.has_value());
            asked.emplace_back(demand.only, time - *demand.used_before);
            const bool others = demand.only == 0;
            CHECK(demand.except == (others ? std::vector<index::VolumeId>{1, 2, 3}
                                           : std::vector<index::VolumeId>{}));
        }
        CHECK(asked ==
              std::vector<std::pair<index::VolumeId, Seconds>>{{0, 1'000}, {2, 100'000}, {1, 10}});
        CHECK_FALSE(with_volumes(watch, volumes, time + 59).any());
    }
}

TEST_CASE("a max_age without end is no overflow") {
    Limits limits;
    limits.max_age = std::numeric_limits<Seconds>::max();
    SpaceWatch watch(limits);
    CHECK(with_volumes(watch, {}).used_before == now - std::numeric_limits<Seconds>::max());
}

TEST_SUITE_END();
