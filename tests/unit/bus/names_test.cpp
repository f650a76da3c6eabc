// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/bus/names.hpp"
#include "daemon/bus/text.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <string_view>

using namespace cachefiles;
using namespace cachefiles::daemon;

TEST_CASE("the path of a cache has letters and digits only") {
    CHECK(bus::cache_path("CacheFiles2") == "/org/cachefiles1/cache/CacheFiles2");
    CHECK(bus::cache_path("a-b/c_\xff") == "/org/cachefiles1/cache/a_2db_2fc_5f_ff");
    CHECK(bus::cache_path("") == "/org/cachefiles1/cache/_");
}

TEST_CASE("times") {
    CHECK(bus::to_usec(-1) == 0);
    CHECK(bus::to_usec(2) == 2'000'000);
    CHECK(bus::to_usec(std::numeric_limits<Seconds>::max()) ==
          std::numeric_limits<std::uint64_t>::max());
    CHECK(bus::from_usec(0) == 0);
    CHECK(bus::from_usec(1) == 1);
    CHECK(bus::from_usec(2'000'000) == 2);
    CHECK(bus::from_usec(std::numeric_limits<std::uint64_t>::max()) == 18'446'744'073'710);
}
