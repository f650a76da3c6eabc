// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/read_ahead.hpp"

#include <doctest/doctest.h>

namespace cachefiles::tests {
namespace {

using mount::ReadAhead;

constexpr std::uint64_t block = 256 << 10;
constexpr std::uint64_t mib = 1 << 20;
constexpr std::uint64_t most = 4 * mib;

bool is_nothing(const ReadAhead::Range& range) {
    return range.start == range.end;
}

} // namespace

TEST_CASE("read ahead: from the beginning on, more and more, and nothing twice") {
    ReadAhead ahead;
    std::uint64_t end = 0;
    std::uint64_t furthest = 0;
    for (std::uint64_t at = 0; at < 20 * mib; at += 128 << 10) {
        const ReadAhead::Range range = ahead.after(at, 128 << 10, most);
        if (is_nothing(range))
            continue;
        CHECK(range.start % block == 0);
        CHECK(range.end % block == 0);
        CHECK(range.start >= end);
        end = range.end;
        furthest = std::max(furthest, range.end - at);
        CHECK(range.end <= at + (128 << 10) + most);
    }
    CHECK(end >= 20 * mib);
    CHECK(furthest > most - block);
}

TEST_CASE("read ahead: not for who reads here and there") {
    ReadAhead ahead;
    for (const std::uint64_t at : {500 * mib, 3 * mib, 900 * mib, 100 * mib})
        CHECK(is_nothing(ahead.after(at, 4096, most)));
}

TEST_CASE("read ahead: who goes on after a jump is sequential again") {
    ReadAhead ahead;
    CHECK(is_nothing(ahead.after(100 * mib, mib, most)));
    const ReadAhead::Range range = ahead.after(101 * mib, mib, most);
    CHECK(range.start == 102 * mib);
    CHECK(range.end > range.start);
}

TEST_CASE("read ahead: requests of the kernel's come in any order") {
    ReadAhead ahead;
    CHECK_FALSE(is_nothing(ahead.after(0, 256 << 10, most)));
    const ReadAhead::Range later = ahead.after(512 << 10, 256 << 10, most);
    CHECK_FALSE(is_nothing(later));
    const ReadAhead::Range earlier = ahead.after(256 << 10, 256 << 10, most);
    CHECK((is_nothing(earlier) || earlier.start >= later.end));
}

} // namespace cachefiles::tests
