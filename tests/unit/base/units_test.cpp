// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/units.hpp"

#include <doctest/doctest.h>

using namespace cachefiles;

TEST_CASE("bytes are read with and without a unit") {
    CHECK(parse_bytes("0") == 0);
    CHECK(parse_bytes("4096") == 4096);
    CHECK(parse_bytes("1k") == 1024);
    CHECK(parse_bytes("1KiB") == 1024);
    CHECK(parse_bytes("1KB") == 1024);
    CHECK(parse_bytes("1.5G") == 1610612736);
    CHECK(parse_bytes("2 TiB") == 2199023255552);
    CHECK(parse_bytes("9007199254740993") == 9007199254740993); // not a double
    CHECK(parse_bytes("12B") == 12);
}

TEST_CASE("what is no number of bytes is refused") {
    for (const char* text : {"", "G", "-1", "-0", "1X", "1GiBB", "1 2", "0x10", "1e3", "nan", "inf",
                             "9223372036854775808", "9000P", "1.5", "10%", "1KiBi"})
        CHECK_MESSAGE(!parse_bytes(text), text);
}

TEST_CASE("durations are read, also composed ones") {
    CHECK(parse_duration("90") == 90);
    CHECK(parse_duration("90s") == 90);
    CHECK(parse_duration("15m") == 900);
    CHECK(parse_duration("15min") == 900);
    CHECK(parse_duration("1d12h") == 129600);
    CHECK(parse_duration("2w") == 1209600);
    CHECK(parse_duration("1y") == 31536000);
}

TEST_CASE("what is no duration is refused") {
    for (const char* text : {"", "d", "-1d", "1x", "1 d", "1d ", "99999999999999999999",
                             "9223372036854775807d", "1.5h", "1dd"})
        CHECK_MESSAGE(!parse_duration(text), text);
}

TEST_CASE("bytes and durations are printed for people") {
    CHECK(format_bytes(0) == "0 B");
    CHECK(format_bytes(1023) == "1023 B");
    CHECK(format_bytes(1024) == "1.0 KiB");
    CHECK(format_bytes(1048575) == "1.0 MiB");
    CHECK(format_bytes(UINT64_MAX) == "16.0 EiB");
    CHECK(format_duration(0) == "0s");
    CHECK(format_duration(125) == "2min 5s");
    CHECK(format_duration(3 * 86400 + 4 * 3600 + 7) == "3d 4h");
    CHECK(format_duration(86400 + 5) == "1d");
    CHECK(format_duration(-60) == "-1min");
}
