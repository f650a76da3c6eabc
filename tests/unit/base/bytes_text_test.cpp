// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/bytes_text.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace cachefiles;
using namespace std::string_view_literals;

TEST_CASE("bytes as text: UTF-8 stays, the backslash is doubled, the rest becomes hex") {
    CHECK(bytes_text("") == "");
    CHECK(bytes_text("nfs,4.2,2,,a00000a,") == "nfs,4.2,2,,a00000a,");
    CHECK(bytes_text("\n\x7f\x01") == "\\x0a\\x7f\\x01");
    CHECK(bytes_text("a\\b\\x41") == "a\\\\b\\\\x41");
    CHECK(bytes_text("\0a"sv) == "\\x00a");
    CHECK(bytes_text("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80") ==
          "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80");
    CHECK(bytes_text("\xff\x80") == "\\xff\\x80");
}

TEST_CASE("bytes as text: what only looks like UTF-8") {
    CHECK(bytes_text("\xc3") == "\\xc3");            // cut off
    CHECK(bytes_text("\xe2\x82") == "\\xe2\\x82");   // cut off
    CHECK(bytes_text("\xc3z") == "\\xc3z");          // not continued
    CHECK(bytes_text("\xe2\x82z") == "\\xe2\\x82z"); // not continued
    CHECK(bytes_text("\xc0\xaf") == "\\xc0\\xaf");   // overlong
    CHECK(bytes_text("\xe0\x9f\xbf") == "\\xe0\\x9f\\xbf");
    CHECK(bytes_text("\xed\xa0\x80") == "\\xed\\xa0\\x80");          // a surrogate
    CHECK(bytes_text("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80"); // above U+10FFFF
    CHECK(bytes_text("\xf5\x80\x80\x80") == "\\xf5\\x80\\x80\\x80");
}

TEST_CASE("UTF-8 text: it stays readable") {
    for (const std::string_view text : {"", "a\\b", "one\n\ttwo\n", "\xe2\x82\xac"})
        CHECK(utf8_text(text) == text);
    CHECK(utf8_text("a\0b\x1b\n"sv) == "a\\x00b\\x1b\n");
    CHECK(utf8_text("cut off \xe2\x82\nx\xff") == "cut off \\xe2\\x82\nx\\xff");
}

TEST_CASE("bytes as text: they come back as they were") {
    std::string all;
    for (int byte = 0; byte < 256; ++byte)
        all += static_cast<char>(byte);
    for (const std::string& key :
         {std::string(), all, all + all, std::string("\\x41"), std::string("\\\\")})
        CHECK(parse_bytes_text(bytes_text(key)) == key);
    CHECK(parse_bytes_text("\\xfF") == "\xff");
}

TEST_CASE("bytes as text: what they are never written as is refused") {
    for (const std::string_view text :
         {"\\", "a\\", "\\x", "\\x4", "\\xg0", "\\x0g", "\\x-1", "\\n"})
        CHECK_FALSE(parse_bytes_text(text).has_value());
}
