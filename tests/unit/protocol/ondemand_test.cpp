// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/ondemand.hpp"
#include "tests/unit/protocol/from_hex.hpp"

#include <doctest/doctest.h>

#include <bit>

using namespace cachefiles::protocol;

// The samples were read from a driver on a little-endian machine.
static_assert(std::endian::native == std::endian::little);

namespace {
const std::string open_sample = from_hex("00000000 00000000 30000000 01000000 |"
                                         "0a000000 06000000 06000000 00000000 |"
                                         "65726f66732c646f6d00 626c6f620001");
const std::string read_sample = from_hex("01000000 02000000 20000000 01000000 |"
                                         "0000020000000000 0030000000000000");
const std::string close_sample = from_hex("02000000 01000000 10000000 ffffffff");

std::string with_byte(std::string bytes, std::size_t offset, char value) {
    return bytes.replace(offset, 1, 1, value);
}
} // namespace

TEST_CASE("the driver's messages are read") {
    CHECK(parse_message(open_sample) ==
          Message(OpenMessage{0, 1, 6, 0, "erofs,dom", std::string("blob\0\x01", 6)}));
    CHECK(parse_message(read_sample) == Message(ReadMessage{1, 1, 0x20000, 0x3000}));
    CHECK(parse_message(close_sample) == Message(CloseMessage{2, UINT32_MAX}));
}

TEST_CASE("messages are printed to the byte") {
    for (const std::string& sample : {open_sample, read_sample, close_sample})
        CHECK(format_message(parse_message(sample).value()) == sample);
}

TEST_CASE("the longest message fits the buffer") {
    const OpenMessage longest{1, 2, 3, 0, std::string(255, 'v'), std::string(252, '\xff')};
    const std::string bytes = format_message(longest);
    CHECK(bytes.size() <= max_message);
    CHECK(parse_message(bytes) == Message(longest));
}

TEST_CASE("a cut or prolonged message is refused") {
    for (const std::string& sample : {open_sample, read_sample, close_sample}) {
        for (std::size_t size = 0; size < sample.size(); ++size)
            REQUIRE(!parse_message(std::string_view(sample).substr(0, size)));
        REQUIRE(!parse_message(sample + '\0'));
    }
}

TEST_CASE("a message that is not what its header says is refused") {
    CHECK(!parse_message(with_byte(read_sample, 4, 3)));    // opcode
    CHECK(!parse_message(with_byte(read_sample, 4, 1)));    // the length of another
    CHECK(!parse_message(with_byte(read_sample, 8, 0x10))); // length
    CHECK(!parse_message(with_byte(close_sample, 4, 2)));
    CHECK(!parse_message(with_byte(close_sample, 4, 0)));
}

TEST_CASE("the keys of an open are within their bounds") {
    CHECK(!parse_message(with_byte(open_sample, 16, 9))); // sizes that do not add up
    CHECK(!parse_message(with_byte(open_sample, 19, '\xff')));
    CHECK(!parse_message(with_byte(open_sample, 23, '\xff')));
    CHECK(!parse_message(with_byte(open_sample, 41, 'x')));  // no NUL after the volume key
    CHECK(!parse_message(with_byte(open_sample, 36, '\0'))); // a NUL within
    CHECK(!parse_message(format_message(OpenMessage{0, 1, 6, 0, "", "k"})));
    CHECK(!parse_message(format_message(OpenMessage{0, 1, 6, 0, "v", ""})));
    CHECK(parse_message(format_message(OpenMessage{0, 1, 6, 0, "v", "k"})));
    CHECK(!parse_message(format_message(OpenMessage{0, 1, 6, 0, std::string(256, 'v'), "k"})));
    CHECK(!parse_message(format_message(OpenMessage{0, 1, 6, 0, "v", std::string(253, 'k')})));
}
