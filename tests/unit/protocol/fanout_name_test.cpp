// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/fanout_name.hpp"

#include <doctest/doctest.h>

using namespace cachefiles::protocol;

TEST_CASE("all 256 fan-out names are read back") {
    CHECK(format_fanout_name(0) == "@00");
    CHECK(format_fanout_name(0x0a) == "@0a");
    CHECK(format_fanout_name(0xff) == "@ff");
    for (int fanout = 0; fanout < 256; ++fanout) {
        const std::uint8_t byte = static_cast<std::uint8_t>(fanout);
        CHECK(parse_fanout_name(format_fanout_name(byte)) == byte);
    }
}

TEST_CASE("other names are no fan-out directory") {
    for (const char* name :
         {"", "@", "@0", "@000", "@FF", "@fF", "@0g", "00@", "@ 1", "@+1", "0ab"})
        CHECK_MESSAGE(!parse_fanout_name(name), name);
}
