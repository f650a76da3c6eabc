// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/hex.hpp"

#include <doctest/doctest.h>

using namespace cachefiles::protocol;

TEST_CASE("hex numbers are lower case, without prefix, and fit") {
    CHECK(parse_hex("0") == 0);
    CHECK(parse_hex("00ff") == 255);
    CHECK(parse_hex("ffffffffffffffff") == UINT64_MAX);
    for (const char* text : {"", "0x1", "A", "g", " 1", "1 ", "-1", "+1", "10000000000000000"})
        CHECK_MESSAGE(!parse_hex(text), text);
    CHECK(parse_hex_as<std::uint32_t>("ffffffff") == UINT32_MAX);
    CHECK(!parse_hex_as<std::uint32_t>("100000000"));
    CHECK(!parse_hex_as<std::uint8_t>("100"));
}

TEST_CASE("hex bytes come in pairs") {
    CHECK(parse_hex_bytes("") == "");
    CHECK(parse_hex_bytes("00ff61") == std::string("\0\xff"
                                                   "a",
                                                   3));
    for (const char* text : {"0", "0g", "g0", "AA", "00 "})
        CHECK_MESSAGE(!parse_hex_bytes(text), text);
}

TEST_CASE("hex numbers are printed without leading zeros") {
    std::string text = "=";
    append_hex(text, 0);
    append_hex(text, 0x1f);
    append_hex(text, UINT64_MAX);
    CHECK(text == "=01fffffffffffffffff");
}

TEST_CASE("hex numbers can be filled up with zeros") {
    std::string text;
    append_hex(text, 0x2f, 8);
    text += ' ';
    append_hex(text, 0x4000, 2);
    text += ' ';
    append_hex(text, 0, 2);
    CHECK(text == "0000002f 4000 00");
}

TEST_CASE("bytes are two hex digits each") {
    std::string text = "=";
    append_hex_bytes(text, std::string_view("\0a\xff", 3));
    CHECK(text == "=0061ff");
    CHECK(parse_hex_bytes(text.substr(1)) == std::string("\0a\xff", 3));
}
