// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/state_line.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace cachefiles::protocol;

namespace {
// As read from a driver.
constexpr std::string_view sample = "cull=0 frun=cc6 fcull=8f1 fstop=3d5 brun=30b6 bcull=2219 "
                                    "bstop=e9d freleased=0 breleased=0";
} // namespace

TEST_CASE("the driver's line is read, and printed again to the byte") {
    const std::optional<StateLine> state = parse_state_line(sample);
    REQUIRE(state);
    CHECK(*state == StateLine{false, 0xcc6, 0x8f1, 0x3d5, 0x30b6, 0x2219, 0xe9d, 0, 0});
    CHECK(format_state_line(*state) == sample);
    CHECK(sample.size() == 90);
}

TEST_CASE("the largest values are read") {
    const StateLine state{true, UINT64_MAX, 1, 2, 3, 4, 5, UINT32_MAX, UINT64_MAX};
    CHECK(format_state_line(state) == "cull=1 frun=ffffffffffffffff fcull=1 fstop=2 brun=3 bcull=4 "
                                      "bstop=5 freleased=ffffffff breleased=ffffffffffffffff");
    CHECK(parse_state_line(format_state_line(state)) == state);
}

TEST_CASE("a later driver may reorder fields and add some") {
    const std::optional<StateLine> state = parse_state_line(sample);
    CHECK(parse_state_line("breleased=0 freleased=0 bstop=e9d bcull=2219 brun=30b6 fstop=3d5 "
                           "fcull=8f1 frun=cc6 cull=0") == state);
    CHECK(parse_state_line("new=zz " + std::string(sample) + " flag  x=1 =2 =\n") == state);
}

TEST_CASE("a line with a known field wrong, missing or twice is refused") {
    const std::string line(sample);
    CHECK(!parse_state_line(""));
    CHECK(!parse_state_line(line.substr(0, line.rfind(' '))));
    CHECK(!parse_state_line(line.substr(line.find(' ') + 1)));
    CHECK(!parse_state_line(line + " cull=0"));
    CHECK(!parse_state_line(line + " frun=cc6"));
    const auto with = [&line](std::string_view old, std::string_view now) {
        std::string changed = line;
        return changed.replace(changed.find(old), old.size(), now);
    };
    for (const char* field : {"cull=2 ", "cull= ", "cull ", "cull=01 ", "Cull=0 ", "cull==0 "})
        CHECK_MESSAGE(!parse_state_line(with("cull=0 ", field)), field);
    for (const char* field : {"frun=", "frun", "frun=0xcc6", "frun=CC6", "frun=-1", "frun=+1",
                              "frun=10000000000000000", "frun=1,", "FRUN=1"})
        CHECK_MESSAGE(!parse_state_line(with("frun=cc6", field)), field);
    CHECK(!parse_state_line(with("freleased=0", "freleased=100000000")));
}

TEST_CASE("every state is read back") {
    std::mt19937_64 random(1);
    const auto number = [&random] {
        return random() >> random() % 64;
    };
    for (int i = 0; i < 10'000; ++i) {
        const StateLine state{
            random() % 2 == 0, number(), number(), number(),
            number(),          number(), number(), static_cast<std::uint32_t>(number()),
            number()};
        REQUIRE(parse_state_line(format_state_line(state)) == state);
        REQUIRE(format_state_line(state).size() < 256); // the buffer that readers use
    }
}
