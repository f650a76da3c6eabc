// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/limit_window.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <random>

using namespace cachefiles::protocol;

namespace {

/// The driver's table, one line each, to judge the model by.
bool table_accepts(const Window& now, Verb verb, std::uint64_t v) {
    switch (verb) {
    case Verb::frun:
    case Verb::brun:
        return now.cull < v && v < 100;
    case Verb::fcull:
    case Verb::bcull:
        return now.stop < v && v < now.run;
    default:
        return v < now.cull;
    }
}

std::uint64_t& value_of(Limits& limits, Verb verb) {
    const bool of_files = verb == Verb::frun || verb == Verb::fcull || verb == Verb::fstop;
    Window& window = of_files ? limits.files : limits.blocks;
    switch (verb) {
    case Verb::frun:
    case Verb::brun:
        return window.run;
    case Verb::fcull:
    case Verb::bcull:
        return window.cull;
    default:
        return window.stop;
    }
}

constexpr Verb limit_verbs[] = {Verb::brun, Verb::bcull, Verb::bstop,
                                Verb::frun, Verb::fcull, Verb::fstop};

std::vector<Window> windows_below(std::uint64_t end) {
    std::vector<Window> windows;
    for (std::uint64_t run = 2; run < end; ++run) {
        for (std::uint64_t cull = 1; cull < run; ++cull) {
            for (std::uint64_t stop = 0; stop < cull; ++stop)
                windows.push_back({run, cull, stop});
        }
    }
    return windows;
}

/// Replays the writes with the driver's table. True if each is accepted, none is in vain, and they
/// end where they should.
bool leads(const Limits& from, const Limits& to) {
    const std::optional<std::vector<LimitWrite>> writes = limit_writes(from, to);
    if (!writes)
        return false;
    Limits state = from;
    for (const LimitWrite& write : *writes) {
        const bool of_files = &value_of(state, write.verb) < &state.blocks.run;
        if (!table_accepts(of_files ? state.files : state.blocks, write.verb, write.percent))
            return false;
        value_of(state, write.verb) = write.percent;
    }
    const auto differs = [&](Verb verb) {
        Limits a = from;
        Limits b = to;
        return value_of(a, verb) != value_of(b, verb);
    };
    const auto changes = std::count_if(std::begin(limit_verbs), std::end(limit_verbs), differs);
    return state == to && writes->size() == static_cast<std::size_t>(changes);
}

} // namespace

TEST_CASE("six of the words are limits") {
    for (const Verb verb : limit_verbs)
        CHECK(is_limit(verb));
    for (const Verb verb : {Verb::bind, Verb::dir, Verb::cull, Verb::restore})
        CHECK(!is_limit(verb));
}

TEST_CASE("a driver just opened has 7, 5 and 1") {
    CHECK(Limits{}.files == Window{7, 5, 1});
    CHECK(Limits{}.blocks == Window{7, 5, 1});
}

TEST_CASE("each write is judged as by the driver, from every window") {
    for (const Window& window : windows_below(12)) {
        for (const Verb verb : limit_verbs) {
            for (const std::uint64_t value :
                 {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 98, 99, 100, 101}) {
                Limits limits{window, window};
                Limits expected = limits;
                const bool accepted = table_accepts(window, verb, value);
                if (accepted)
                    value_of(expected, verb) = value;
                REQUIRE(limits.write(verb, value) == (accepted ? 0 : EINVAL));
                REQUIRE(limits == expected);
            }
        }
    }
}

TEST_CASE("values far beyond a percentage are refused") {
    Limits limits;
    for (const Verb verb : limit_verbs)
        CHECK(limits.write(verb, UINT64_MAX) == EINVAL);
    CHECK(limits.write(Verb::cull, 3) == EINVAL);
    CHECK(limits == Limits{});
}

TEST_CASE("the windows of files and blocks do not touch each other") {
    Limits limits;
    CHECK(limits.write(Verb::brun, 50) == 0);
    CHECK(limits.write(Verb::bcull, 40) == 0);
    CHECK(limits.write(Verb::bstop, 30) == 0);
    CHECK(limits == Limits{Window{7, 5, 1}, Window{50, 40, 30}});
}

TEST_CASE("every window is reached from every other, up to 14 percent") {
    const std::vector<Window> windows = windows_below(15);
    for (const Window& from : windows) {
        for (const Window& to : windows)
            REQUIRE(leads({from, from}, {to, from}));
    }
}

TEST_CASE("every valid window is reached from the driver's own") {
    for (const Window& window : windows_below(100))
        REQUIRE(leads({}, {window, window}));
}

TEST_CASE("any limits are reached from any others") {
    std::mt19937 random(7);
    const std::vector<Window> windows = windows_below(100);
    const auto any = [&] {
        return windows[random() % windows.size()];
    };
    for (int i = 0; i < 100'000; ++i)
        REQUIRE(leads({any(), any()}, {any(), any()}));
}

TEST_CASE("nothing is written where nothing changes, or where the target is not valid") {
    CHECK(limit_writes({}, {})->empty());
    for (const Window& wrong :
         {Window{5, 5, 1}, Window{7, 7, 1}, Window{7, 1, 1}, Window{100, 5, 1}, Window{1, 5, 7}}) {
        CHECK(!limit_writes({}, {wrong, {}}));
        CHECK(!limit_writes({}, {{}, wrong}));
        CHECK(!limit_writes({wrong, {}}, {}));
    }
}
