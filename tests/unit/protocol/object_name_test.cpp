// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/hash.hpp"
#include "protocol/object_name.hpp"
#include "tests/unit/protocol/from_hex.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace cachefiles::protocol;

namespace {

struct Vector {
    std::string key;
    std::uint32_t hash;
    const char* name;
    std::vector<std::size_t> lengths; ///< of the keys that the name stands for
    const char* volume = "erofs,test";
};

std::vector<std::size_t> lengths_of(const std::vector<std::string>& keys) {
    std::vector<std::size_t> lengths;
    for (const std::string& key : keys)
        lengths.push_back(key.size());
    return lengths;
}

void check(const Vector& vector) {
    CAPTURE(vector.name);
    CHECK(encode_object_name(vector.key) == vector.name);
    const std::vector<std::string> keys = decode_object_name(vector.name);
    CHECK(lengths_of(keys) == vector.lengths);
    CHECK(std::find(keys.begin(), keys.end(), vector.key) != keys.end());
    CHECK(is_object_name(vector.name));
    const std::uint32_t volume = volume_hash(vector.volume);
    CHECK(cookie_hash(volume, vector.key) == vector.hash);
    CHECK(object_fanout(volume, vector.name) == fanout_of(vector.hash));
}

/// 0x81 and up: nothing printable, no zeros.
std::string binary_key(int length) {
    std::string key;
    for (int i = 0; i < length; ++i)
        key += static_cast<char>(0x81 + i * 37 % 127);
    return key;
}

} // namespace

TEST_CASE("printable keys are literal names") {
    check({"test.img", 0xa9e00f73, "Dtest.img", {8}});
    check({"x", 0x77672ef9, "Dx", {1}});
    check({"a,b\x7f", 0xe9b5f053, "Da,b\x7f", {4}});
}

TEST_CASE("keys become words of hex where that is short") {
    check({from_hex("0000000000000001"), 0x8d6fc49b, "S,1", {8}});
    check({from_hex("0100000000000000"), 0x99cff386, "T1,", {8, 7, 6, 5}});
    for (const char* zeros : {"00", "0000", "000000", "00000000"})
        check({from_hex(zeros), 0xbf0c9151, "S", {4, 3, 2, 1}});
    for (const char* key : {"0000000100", "000000010000", "0000000100000000"})
        check({from_hex(key), 0x3da1073e, "S1,", {8, 7, 6, 5}});
    check({from_hex("fffefdfc"), 0xcf34c50d, "Sfffefdfc", {4}});
    check({from_hex("1000000020000000300000004000000050000000"),
           0x26eab6b5,
           "T10,20,30,40,50",
           {20, 19, 18, 17}});
    check({from_hex("00023b3001d0823f0000000000000000"),
           0xd56353fa,
           "S23b30,1d0823f,,",
           {16, 15, 14, 13},
           "afs,example.com,100058"});
    for (const char* key : {"2f", "2f00", "2f0000", "2f000000"})
        check({from_hex(key), 0xcb87b39e, "T2f", {4, 3, 2, 1}});
    check({from_hex("deadbeef"), 0xfa749762, "Sdeadbeef", {4}});
    check({std::string(252, '\0'),
           0x48ed8385,
           ("S" + std::string(62, ',')).c_str(),
           {252, 251, 250, 249}});
}

TEST_CASE("base 64 wins a tie with words") {
    CHECK(encode_object_name(from_hex("1234567800001234")) == "E1igzlU100ig30"); // 14 either way
    CHECK(encode_object_name(from_hex("1234567800000123")) == "S12345678,123");
}

TEST_CASE("big-endian words win a tie with little-endian ones") {
    CHECK(encode_object_name(from_hex("0000001010000000")) == "S10,10000000");
    CHECK(encode_object_name(from_hex("8080")) == "T8080");
    CHECK(encode_object_name(from_hex("80")) == "T80");
}

TEST_CASE("other keys are in base 64") {
    check({"a/b", 0x25217c82, "E0xZyo", {3}});
    check({"sha256/0123456789abcdef", 0x3734b62e, "E1PxmoOkzdL0jcOc3dRoPdUAjoyd6pBp60", {23}});
    check({"hello world", 0x830e4fbf, "E1El6rIZ68TZCsIh60", {11}});
    check({from_hex("fffefd"), 0x3f1e4e63, "E0-Xv-", {3}});
    check({from_hex("fffefdfcfb"), 0xe1a4944c, "E1-Xv-YLf0", {5}});
    check({from_hex("f1f2f3f4f5f6f7"), 0xac999ea7, "E2Nb-YQnLZT300", {7}});
    check({from_hex("12345678000000009abcdef0"), 0x0515348c, "E0igzlU10000wCYWdY", {12}});
    check({from_hex("80878e959ca3aab1b8bfc6cdd4dbe2e9f0f7fe050c131a21282f363d444b5259"),
           0xf6048cd7,
           "E10uEzlOVEG6bK-qsPkLJUF3-Z_n03jEh8EYydZgQiiB50",
           {32}});
    check({from_hex("010007010200000000000000123456789abcdef01122334455667788"),
           0x5727a899,
           "E210M1180000000000igzlUF9Lu3v4yc3hlpSt8200",
           {28}});
}

TEST_CASE("the longest keys of each kind have a name") {
    check(
        {binary_key(189),
         0x1ea5c05b,
         "E01qWOMrVKwrUGgn-C0n_yMmJ_wmIWgmHS-nGOLnFKvnEGfjLC-iKyLit_visWfirS_jqOKjpKujoGefvC_euyK"
         "ed_uecWeebSZfaOJf9Ktf8GdbfCZaeyJaZZtaYVdaXRYbWNIbVJsbUFc7-BY6_xI6JZs6IVc6HRX7GNH7FJr7EFb"
         "3LBX2KxH2tZr2sVb2rRW3qNG3pJq-vFa-uBW_txG_cZq_bVa_aRV-9NF-8JpXfF9XeBVWdxFWYYpWXU",
         {189}});
    std::string letters;
    for (int i = 0; i < 252; ++i)
        letters += static_cast<char>('a' + i % 26);
    check({letters, 0x7874a0d5, ("D" + letters).c_str(), {252}});
}

TEST_CASE("keys for which the driver fails are refused, with the reason") {
    CHECK(encode_object_name("") == std::unexpected(CookieKeyRefusal::empty));
    CHECK(encode_object_name(std::string(253, 'k')) == std::unexpected(CookieKeyRefusal::too_long));
    CHECK(encode_object_name(binary_key(190)) == std::unexpected(CookieKeyRefusal::name_too_long));
    CHECK(cookie_hash(volume_hash("erofs,test"), binary_key(190)) == 0xe2b4bd53);
    CHECK(!is_object_name("E2")); // what the driver makes of it
}

TEST_CASE("names that no key has are not decoded") {
    const std::vector<std::string> foreign{
        "",
        "D",
        "T",
        "E",
        "E0",
        "E0xZy",
        "E0xZyoa", // nothing in them, incomplete groups
        "I",
        "Ierofs,test",
        "J1",
        "+abc",
        "@00",
        "dx", // other prefixes
        "Da b",
        "Da/b",
        "D\x80",
        std::string("Da\0", 3), // not printable
        "E3xZyo",
        "E!xZyo",
        "E0xZ+o",
        "E1xZyo", // bad pad, alphabet, bits beyond the key
        "Ex0xZyo",
        "E/0xZyo",
        "S01",
        "S1,02",
        "S0",
        "S123456789",
        "SG",
        "SDEADBEEF",
        "S1;2",
        "S 1",
        "S-1",
        "S2f000000",
        "T1000000",                 // the other order is shorter, or literal
        "S78000000",                // printable: "x" and zeros is T78
        "S12345678,,9abcdef0",      // base 64 is shorter
        "S" + std::string(63, ','), // 256 bytes
        "D" + std::string(253, 'k'),
        "E2" + std::string(252, '-') + "-300", // 190 bytes of 0xff
        std::string(256, 'D'),
    };
    for (const std::string& name : foreign) {
        CAPTURE(name);
        CHECK(decode_object_name(name).empty());
        CHECK(!is_object_name(name));
        CHECK(!object_fanout(0, name));
    }
}
