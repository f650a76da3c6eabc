// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/hash.hpp"
#include "protocol/object_name.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace cachefiles::protocol;

namespace {

using Random = std::mt19937;

char any_byte(Random& random) {
    return static_cast<char>(random());
}
char printable_byte(Random& random) {
    return static_cast<char>(0x21 + random() % 0x5f);
}
char mostly_zero(Random& random) {
    return random() % 8 == 0 ? any_byte(random) : '\0';
}
char small_byte(Random& random) {
    return static_cast<char>(random() % 4);
}
char high_byte(Random& random) {
    return static_cast<char>(0x80 | random());
}
/// Words such as a file handle has: a low byte, then zeros.
char word_like(Random& random) {
    return random() % 4 == 0 ? static_cast<char>(1 + random() % 255) : '\0';
}

std::string random_key(Random& random, char (*byte)(Random&)) {
    std::string key(1 + random() % max_cookie_key, '\0');
    std::generate(key.begin(), key.end(), [&] { return byte(random); });
    return key;
}

} // namespace

TEST_CASE("the key is among those that its name stands for, and all of them have that name") {
    Random random(20220117);
    int too_long = 0;
    int ambiguous = 0;
    for (const auto byte :
         {any_byte, printable_byte, mostly_zero, small_byte, high_byte, word_like}) {
        for (int i = 0; i < 20'000; ++i) {
            const std::string key = random_key(random, byte);
            const std::expected<std::string, CookieKeyRefusal> name = encode_object_name(key);
            if (!name) {
                REQUIRE(name.error() == CookieKeyRefusal::name_too_long);
                REQUIRE(key.size() > 189);
                ++too_long;
                continue;
            }
            REQUIRE(name->size() <= max_file_name);
            const std::vector<std::string> keys = decode_object_name(*name);
            REQUIRE(std::find(keys.begin(), keys.end(), key) != keys.end());
            REQUIRE(keys.size() <= 4);
            ambiguous += keys.size() > 1;
            for (const std::string& other : keys) {
                REQUIRE(encode_object_name(other) == *name);
                REQUIRE(cookie_hash(7, other) == cookie_hash(7, key));
            }
        }
    }
    CHECK(too_long > 1000); // or else the distributions test less than they look like
    CHECK(ambiguous > 1000);
}

TEST_CASE("every key that shares a name with another is found from the name") {
    // Zeros at the end are all that can be lost, so append them.
    Random random(42);
    for (int i = 0; i < 20'000; ++i) {
        std::string key(1 + random() % 24, '\0');
        std::generate(key.begin(), key.end(), [&] { return word_like(random); });
        const std::string name = encode_object_name(key).value();
        const std::vector<std::string> keys = decode_object_name(name);
        for (std::string longer = key; longer.size() <= key.size() + 4; longer += '\0') {
            const bool same = encode_object_name(longer) == name;
            const bool found = std::find(keys.begin(), keys.end(), longer) != keys.end();
            REQUIRE(same == found);
        }
    }
}
