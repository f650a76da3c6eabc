// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/alternative_name.hpp"
#include "protocol/object_name.hpp"
#include "protocol/volume_name.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace cachefiles;
using namespace cachefiles::cache::store;
using namespace std::string_literals;

TEST_CASE("a key that the driver can name has its name alone") {
    for (const std::string& key : {"test.img"s, "hello world"s, std::string(252, 'a')}) {
        const ObjectNames names = object_names(key);
        CHECK(names.drivers == protocol::encode_object_name(key).value());
        CHECK_FALSE(names.alternative);
    }
}

TEST_CASE("a key that shares its name has another, a key without a name only that") {
    const ObjectNames shared = object_names("/");
    CHECK(shared.drivers == "T2f");
    CHECK(shared.alternative == "Exaf63a24c860189fe01"); // on disk: it must stay what it is
    const ObjectNames other = object_names("/\0"s);
    CHECK(other.drivers == "T2f");
    CHECK(other.alternative != shared.alternative);
    for (const std::string& key : {std::string(253, 'a'), std::string(255, '\xff')}) {
        const ObjectNames names = object_names(key);
        CHECK_FALSE(names.drivers);
        REQUIRE(names.alternative);
        CHECK(names.alternative->size() == 20);
    }
}

TEST_CASE("no key of the driver has one of the names") {
    std::set<std::string> seen;
    for (std::size_t size = 1; size <= 255; ++size) {
        const std::string name = alternative_object_name(std::string(size, 'k'));
        CHECK_FALSE(protocol::is_object_name(name));
        CHECK(seen.insert(name).second);
        CHECK_FALSE(protocol::decode_volume_name(alternative_volume_name(name)));
    }
    CHECK_FALSE(protocol::is_object_name(temporary_name));
    CHECK(is_left_over("Ey"));
    CHECK_FALSE(is_left_over("Ex"));
}

TEST_CASE("volumes have the driver's name where there is one") {
    CHECK(volume_name("erofs,test")->name == "Ierofs,test");
    CHECK_FALSE(volume_name("erofs,test")->alternative);
    for (const std::string& key : {"a/b"s, "a\0b"s, std::string(255, 'v')}) {
        const std::optional<VolumeName> name = volume_name(key);
        REQUIRE(name);
        CHECK(name->alternative);
        CHECK(name->name.size() == 19);
        CHECK(name->name.front() == 'J');
    }
    CHECK_FALSE(volume_name(""));
    CHECK_FALSE(volume_name(std::string(256, 'v')));
}
