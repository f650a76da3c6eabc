// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/bytes_text.hpp"
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

TEST_CASE("a text for people stays readable, and becomes UTF-8") {
    using namespace std::string_view_literals;
    for (const std::string_view text : {"", "a\\b", "one\n\ttwo\n", "\xe2\x82\xac"})
        CHECK(bus::utf8(text) == text);
    CHECK(bus::utf8("a\0b\x1b\n"sv) == "a\\x00b\\x1b\n");
    CHECK(bus::utf8("cut off \xe2\x82\nx\xff") == "cut off \\xe2\\x82\nx\\xff");
}

TEST_CASE("a key comes back as it was") {
    std::string all;
    for (int byte = 0; byte < 256; ++byte)
        all += static_cast<char>(byte);
    for (const std::string& key :
         {std::string(), all, all + all, std::string("\\x41"), std::string("\\\\")})
        CHECK(bus::unescape(bytes_text(key)) == key);
    CHECK(bus::unescape("\\xfF") == "\xff");
}

TEST_CASE("what no key is written as is refused") {
    for (const std::string_view text : {"\\", "a\\", "\\x", "\\x4", "\\xg0", "\\x0g", "\\n"})
        CHECK_FALSE(bus::unescape(text).has_value());
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
