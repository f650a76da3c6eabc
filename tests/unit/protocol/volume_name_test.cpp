// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/volume_name.hpp"

#include <doctest/doctest.h>

using namespace cachefiles::protocol;

TEST_CASE("a volume key is its name, literally") {
    for (const std::string key :
         {"erofs,test", "nfs,4.2,2,801,,a00a8c0", ".hidden", ".", "a\tb\xff"}) {
        REQUIRE(encode_volume_name(key) == "I" + key);
        CHECK(decode_volume_name("I" + key) == key);
    }
}

TEST_CASE("keys that the driver can never cache are refused, with the reason") {
    CHECK(encode_volume_name("") == std::unexpected(VolumeKeyRefusal::empty));
    CHECK(encode_volume_name(std::string(255, 'v')) == std::unexpected(VolumeKeyRefusal::too_long));
    CHECK(encode_volume_name("9p,/dev") == std::unexpected(VolumeKeyRefusal::slash));
    CHECK(encode_volume_name(std::string("a\0b", 3)) == std::unexpected(VolumeKeyRefusal::nul));
    CHECK(encode_volume_name(std::string(254, 'v'))->size() == 255);
}

TEST_CASE("names that no volume has are not decoded") {
    for (const std::string& name :
         {std::string(), std::string("I"), std::string("Jerofs"), std::string("@00"),
          std::string("ierofs"), "I" + std::string(255, 'v')})
        CHECK_MESSAGE(!decode_volume_name(name), name);
}
