// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/cache/explorer.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

using namespace cachefiles::tests;

TEST_SUITE_BEGIN("cache::Model explorer");

// More of it: CACHEFILESD_EXPLORER_STEPS, CACHEFILESD_EXPLORER_SEED (of the first run).
TEST_CASE("whatever clients do, in whatever order jobs run") {
    const auto number = [](const char* name, std::uint64_t otherwise) {
        const char* const text = std::getenv(name);
        return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
    };
    const std::uint64_t steps = number("CACHEFILESD_EXPLORER_STEPS", 200'000);
    const std::uint64_t first = number("CACHEFILESD_EXPLORER_SEED", 1);
    constexpr std::uint64_t steps_of_a_run = 2'000;
    std::map<std::pair<char, char>, int> seen;
    std::uint64_t reads = 0, warm_reads = 0, marked_writes = 0;
    for (std::uint64_t run = 0; run < steps / steps_of_a_run; ++run) {
        const std::uint64_t seed = first + run;
        CAPTURE(seed);
        Explorer explorer(seed);
        for (std::uint64_t step = 0; step < steps_of_a_run; ++step) {
            CAPTURE(step);
            explorer.step();
        }
        explorer.finish();
        reads += explorer.reads();
        warm_reads += explorer.warm_reads();
        marked_writes += explorer.marked_writes();
        for (const auto& [transition, count] : explorer.transitions())
            seen[transition] += count;
    }
    std::string summary;
    for (const auto& [transition, count] : seen)
        summary +=
            std::string{transition.first, transition.second} + ' ' + std::to_string(count) + ", ";
    MESSAGE(summary << reads << " valid reads of what was written, " << warm_reads
                    << " of present blocks, " << marked_writes << " marked writes");
    // It gets everywhere, or it proves nothing.
    for (const auto& [from, to] : {std::pair{'-', "LRD"},
                                   {'L', "CAIF-"},
                                   {'C', "AIF"},
                                   {'A', "IURW"},
                                   {'I', "AF"},
                                   {'F', "RW"},
                                   {'U', "-"},
                                   {'W', "-"},
                                   {'R', "D"}}) {
        for (const char next : std::string(to)) {
            CAPTURE(from);
            CAPTURE(next);
            CHECK(seen[{from, next}] > 0);
        }
    }
    CHECK(reads > steps / 1'000);
    CHECK(warm_reads > steps / 1'000);
    CHECK(marked_writes > steps / 10'000);
}

TEST_SUITE_END();
