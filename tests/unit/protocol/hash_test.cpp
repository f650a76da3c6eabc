// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/hash.hpp"
#include "tests/unit/protocol/from_hex.hpp"

#include <doctest/doctest.h>

using namespace cachefiles::protocol;

TEST_CASE("the raw hash is the kernel's") {
    CHECK(fscache_hash(0, "") == 0);
    CHECK(fscache_hash(0, std::string(64, '\0')) == 0);
    CHECK(fscache_hash(1, from_hex("00000000")) == 0x244e67b1);
    CHECK(fscache_hash(0, from_hex("01000000")) == 0x1a824031);
    CHECK(fscache_hash(0, from_hex("0102030405060708")) == 0x30108370);
    CHECK(fscache_hash(0xdeadbeef, from_hex("0102030405060708")) == 0xeab9c865);
}

TEST_CASE("volumes hash as in the kernel") {
    CHECK(volume_hash("") == 0);
    CHECK(volume_hash("a") == 0x9fbad8d7);
    CHECK(volume_hash("erofs,test") == 0x6c5d5056);
    CHECK(volume_hash("v1") == 0xcba43207);
    CHECK(volume_hash("afs,example.com,100058") == 0x4d1aaf83);
    CHECK(volume_hash("9p,/dev,tag") == 0x2196493b);
    CHECK(volume_hash("infra,volume-with-a-rather-long-name-0123456789") == 0x2c6a5cd0);
}

TEST_CASE("cookies hash with their volume's hash for salt") {
    const std::uint32_t volume = volume_hash("erofs,test");
    CHECK(cookie_hash(volume, "test.img") == 0xa9e00f73);
    CHECK(cookie_hash(volume, "x") == 0x77672ef9);
    CHECK(fanout_of(0xa9e00f73) == 0x73);
}

TEST_CASE("the length of a key is not hashed, only its words") {
    const std::uint32_t volume = volume_hash("erofs,test");
    CHECK(cookie_hash(volume, from_hex("2f")) == cookie_hash(volume, from_hex("2f000000")));
    CHECK(cookie_hash(volume, from_hex("2f")) != cookie_hash(volume, from_hex("2f00000000")));
}
