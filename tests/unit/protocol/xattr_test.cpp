// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/xattr.hpp"
#include "tests/unit/protocol/from_hex.hpp"

#include <doctest/doctest.h>

using namespace cachefiles::protocol;

namespace {
const std::string sample = from_hex("0000000000000001 0000000000000000 01 00 aabb");
const std::string aux = from_hex("aabb");

std::string with_byte(std::size_t offset, char value) {
    std::string changed = sample;
    changed[offset] = value;
    return changed;
}
} // namespace

TEST_CASE("the driver's attribute of an object is read, and printed again to the byte") {
    const std::optional<ObjectXattr> xattr = parse_object_xattr(sample);
    REQUIRE(xattr);
    CHECK(*xattr == ObjectXattr{1, 0, 1, Content::no_data, aux});
    CHECK(format_object_xattr(*xattr) == sample);
}

TEST_CASE("objects found on disk") {
    const auto size_of = [](std::string_view hex) {
        return parse_object_xattr(from_hex(hex)).value().object_size;
    };
    CHECK(size_of("0000000000000000 0000000000000000 01 00") == 0);
    CHECK(size_of("0000000000001001 0000000000000000 01 00") == 4097);
    CHECK(size_of("00000000000186a0 0000000000000000 01 00") == 100000);
    CHECK(size_of("0000000000003039 0000000000000000 01 00") == 12345);
    CHECK(parse_object_xattr(from_hex("0000000000001000 0000000000000000 01 00 "
                                      "00112233445566778899"))
              ->aux == from_hex("00112233445566778899"));
}

TEST_CASE("an attribute has its header, and no more coherency data than a byte can count") {
    CHECK(!parse_object_xattr(""));
    CHECK(!parse_object_xattr(sample.substr(0, 17)));
    CHECK(parse_object_xattr(sample.substr(0, 18)));
    CHECK(parse_object_xattr(std::string(18 + 255, 'x')));
    CHECK(!parse_object_xattr(std::string(18 + 256, 'x')));
}

TEST_CASE("an object that is as the cookie says is valid") {
    CHECK(check_object_xattr(sample, aux, 1) == Coherency::valid);
    CHECK(check_object_xattr(sample.substr(0, 18), "", 1) == Coherency::valid);
    CHECK(check_object_xattr(with_byte(15, 9), aux, 1) == Coherency::valid); // zero point
}

TEST_CASE("every content but dirty is valid") {
    for (int content = 0; content < 256; ++content) {
        const Coherency expected = content == 4 ? Coherency::stale : Coherency::valid;
        const std::string stored = with_byte(17, static_cast<char>(content));
        CHECK(check_object_xattr(stored, aux, 1) == expected);
        CHECK(inspect_object_xattr(stored, std::nullopt) == expected);
    }
}

TEST_CASE("an object that differs is stale") {
    CHECK(check_object_xattr(sample, aux, 2) == Coherency::stale);
    CHECK(check_object_xattr(sample, from_hex("aabc"), 1) == Coherency::stale);
    CHECK(check_object_xattr(with_byte(16, 0), aux, 1) == Coherency::stale);
    CHECK(check_object_xattr(with_byte(16, 2), aux, 1) == Coherency::stale);
    CHECK(check_object_xattr(sample.substr(0, 19), aux, 1) == Coherency::stale);
    CHECK(check_object_xattr("", aux, 1) == Coherency::stale);
}

TEST_CASE("an object whose attribute is missing or too long is refused for ever") {
    CHECK(check_object_xattr(std::nullopt, aux, 1) == Coherency::refused);
    CHECK(check_object_xattr(sample + 'x', aux, 1) == Coherency::refused);
    CHECK(check_object_xattr(with_byte(17, 4) + 'x', aux, 1) == Coherency::refused);
}

TEST_CASE("what can be told of an object without its cookie") {
    CHECK(inspect_object_xattr(sample, std::nullopt) == Coherency::valid);
    CHECK(inspect_object_xattr(sample, 2) == Coherency::valid);
    CHECK(inspect_object_xattr(sample, 1) == Coherency::refused);
    CHECK(inspect_object_xattr(sample, 3) == Coherency::stale);
    CHECK(inspect_object_xattr(std::nullopt, std::nullopt) == Coherency::refused);
    CHECK(inspect_object_xattr("", std::nullopt) == Coherency::stale);
    CHECK(inspect_object_xattr(std::string(300, '\1'), std::nullopt) == Coherency::refused);
}

TEST_CASE("the driver's attribute of a volume is read, and printed again to the byte") {
    CHECK(parse_volume_xattr(from_hex("00000000")) == "");
    CHECK(parse_volume_xattr(from_hex("00000000 0102030405")) == from_hex("0102030405"));
    CHECK(format_volume_xattr("") == from_hex("00000000"));
    CHECK(format_volume_xattr(from_hex("0102030405")) == from_hex("00000000 0102030405"));
    for (const std::string& wrong :
         {std::string(), std::string(3, '\0'), from_hex("0000000101"), std::string(4 + 256, '\0')})
        CHECK(!parse_volume_xattr(wrong));
}

TEST_CASE("a volume is valid, goes to the graveyard, or is refused for ever") {
    const std::string stored = from_hex("00000000 0102");
    CHECK(check_volume_xattr(stored, from_hex("0102")) == Coherency::valid);
    CHECK(check_volume_xattr(stored, from_hex("0103")) == Coherency::stale);
    CHECK(check_volume_xattr(from_hex("00000001 0102"), from_hex("0102")) == Coherency::stale);
    CHECK(check_volume_xattr(stored, from_hex("010203")) == Coherency::stale);
    CHECK(check_volume_xattr(std::string(), from_hex("0102")) == Coherency::stale);
    CHECK(check_volume_xattr(stored, from_hex("01")) == Coherency::refused);
    CHECK(check_volume_xattr(std::nullopt, from_hex("0102")) == Coherency::refused);
}

TEST_CASE("what can be told of a volume without the network file system") {
    const std::string stored = from_hex("00000000 0102");
    CHECK(inspect_volume_xattr(stored, std::nullopt) == Coherency::valid);
    CHECK(inspect_volume_xattr(stored, 2) == Coherency::valid);
    CHECK(inspect_volume_xattr(stored, 3) == Coherency::stale);
    CHECK(inspect_volume_xattr(stored, 0) == Coherency::refused);
    CHECK(inspect_volume_xattr("abcd", std::nullopt) == Coherency::stale);
    CHECK(inspect_volume_xattr(std::nullopt, std::nullopt) == Coherency::refused);
}

TEST_CASE("how much coherency data the known network file systems have") {
    CHECK(expected_aux_length("nfs,4.2,2,801,,a00a8c0") == 40);
    CHECK(expected_aux_length("cifs,10.0.0.1:445,share") == 24);
    CHECK(expected_aux_length("afs,example.com,100058") == 8);
    CHECK(expected_aux_length("9p,dev,tag") == 4);
    CHECK(expected_aux_length("ceph,5f1e") == 8);
    CHECK(expected_aux_length("erofs,test") == 0);
    CHECK(expected_coherency_length("cifs,10.0.0.1:445,share") == 20);
    CHECK(expected_coherency_length("nfs,4.2") == 0);
    for (const char* key : {"", "nfs", "nfs4,x", "infra,x", ",nfs"}) {
        CHECK_MESSAGE(!expected_aux_length(key), key);
        CHECK_MESSAGE(!expected_coherency_length(key), key);
    }
}
