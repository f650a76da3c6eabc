// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/version.hpp"

#include <doctest/doctest.h>

#include <set>

namespace cachefiles::tests {
namespace {

using mount::Version;

Version version(Version::Time modified, Version::Time changed) {
    return {100, modified, changed};
}

} // namespace

TEST_CASE("version: each part of it makes other coherency data") {
    const Version one{1, {2, 3}, {4, 5}};
    std::set<std::string> seen;
    for (const Version& other :
         {one, Version{9, {2, 3}, {4, 5}}, Version{1, {9, 3}, {4, 5}}, Version{1, {2, 9}, {4, 5}},
          Version{1, {2, 3}, {9, 5}}, Version{1, {2, 3}, {4, 9}}})
        seen.insert(other.bytes());
    CHECK(seen.size() == 6);
    CHECK(one.bytes().size() == 32);
}

TEST_CASE("version: settled, once a clock that ticks would tell another write from it") {
    // Parts of seconds: milliseconds are enough.
    CHECK_FALSE(version({1000, 500}, {1000, 500}).settled({1000, 600}));
    CHECK_FALSE(version({1000, 500}, {1000, 500}).settled({1000, 150'000'000}));
    CHECK(version({1000, 500}, {1000, 500}).settled({1000, 250'000'000}));
    // Whole seconds: two of them.
    CHECK_FALSE(version({1000, 0}, {1000, 0}).settled({1001, 900'000'000}));
    CHECK(version({1000, 0}, {1000, 0}).settled({1002, 1}));
    // The newer of the two times counts.
    CHECK_FALSE(version({500, 7}, {1000, 0}).settled({1000, 100}));
    // A server whose clock is ahead.
    CHECK_FALSE(version({2000, 7}, {2000, 7}).settled({1000, 0}));
    CHECK_FALSE(version({1001, 7}, {1001, 7}).settled({1000, 0}));
    // And the ends of what can be said.
    CHECK(version({-9'000'000'000, 7}, {0, 0}).settled({1000, 0}));
}

} // namespace cachefiles::tests
