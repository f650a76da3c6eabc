// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/command_argument.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <string>

using namespace cachefiles::protocol;

namespace {
const std::unexpected<int> invalid(EINVAL);
const std::unexpected<int> range(ERANGE);
const std::unexpected<int> io_error(EIO);

Copen answer(std::uint64_t id, std::uint64_t size) {
    return {id, size, 0};
}
Copen failure(std::uint64_t id, int error, int reply) {
    return {id, std::unexpected(error), reply};
}
} // namespace

TEST_CASE("bind takes nothing, or exactly one word") {
    CHECK(parse_bind("", DriverBuild::plain) == BindMode::plain);
    CHECK(parse_bind("", DriverBuild::on_demand) == BindMode::plain);
    CHECK(parse_bind("ondemand", DriverBuild::on_demand) == BindMode::on_demand);
    CHECK(parse_bind("ondemand", DriverBuild::plain) == invalid);
    for (const char* argument : {"ondemand ", "Ondemand", "on", "ondemandx", "0"})
        CHECK_MESSAGE(parse_bind(argument, DriverBuild::on_demand) == invalid, argument);
}

TEST_CASE("a percentage is decimal digits and a sign") {
    CHECK(parse_percent("7%") == 7);
    CHECK(parse_percent("010%") == 10); // not octal
    CHECK(parse_percent("100%") == 100);
    for (const char* argument :
         {"", "7", "7%%", "7% ", " 7%", "+7%", "-7%", "0x7%", "7.5%", "7 %", "a%", "7%x"})
        CHECK_MESSAGE(parse_percent(argument) == invalid, argument);
}

TEST_CASE("a percentage without digits is zero, and a long one wraps") {
    CHECK(parse_percent("%") == 0);
    CHECK(parse_percent("18446744073709551615%") == UINT64_MAX);
    CHECK(parse_percent("18446744073709551616%") == 0);
    CHECK(parse_percent("18446744073709551629%") == 13);
    CHECK(parse_percent(std::string(4000, '0') + "9%") == 9);
}

TEST_CASE("the debug mask is a number of any base") {
    CHECK(parse_debug("") == 0);
    CHECK(parse_debug("0") == 0);
    CHECK(parse_debug("7") == 7);
    CHECK(parse_debug("0x1F") == 31);
    CHECK(parse_debug("0X1f") == 31);
    CHECK(parse_debug("017") == 15);
    CHECK(parse_debug("18446744073709551617") == 1);
    for (const char* argument : {"08", "0x", "0xg", "-1", "+1", "1 ", "x", "1f", "0x1g", "a"})
        CHECK_MESSAGE(parse_debug(argument) == invalid, argument);
}

TEST_CASE("dir, tag and secctx want a text") {
    CHECK(parse_text("/var/cache/fscache ") == "/var/cache/fscache ");
    CHECK(parse_text("") == invalid);
}

TEST_CASE("a victim is a name, not a path") {
    CHECK(parse_victim("Dtest.img") == "Dtest.img");
    CHECK(parse_victim("a b c") == "a b c");
    CHECK(parse_victim("...") == "...");
    CHECK(parse_victim(std::string(255, 'v')).has_value());
    for (const char* name : {"/", "a/b", "./", "../x"})
        CHECK_MESSAGE(parse_victim(name) == invalid, name);
    for (const std::string& name :
         {std::string(), std::string("."), std::string(".."), std::string(256, 'v')})
        CHECK_MESSAGE(parse_victim(name) == io_error, name);
    CHECK(parse_victim(std::string(256, 'v') + "/") == invalid);
}

TEST_CASE("copen answers a message with a size") {
    CHECK(parse_copen("1,4096") == answer(1, 4096));
    CHECK(parse_copen("0,0") == answer(0, 0));
    CHECK(parse_copen("+0x10,+0x1000") == answer(16, 4096));
    CHECK(parse_copen("010,010") == answer(8, 8));
    CHECK(parse_copen("4294967296,1") == answer(1ULL << 32, 1)); // an id that no message has
    CHECK(parse_copen("1,9223372036854775807") == answer(1, INT64_MAX));
    CHECK(parse_copen("1,-0") == answer(1, 0));
}

TEST_CASE("copen answers a message with an errno") {
    CHECK(parse_copen("1,-2") == failure(1, ENOENT, 0));
    CHECK(parse_copen("1,-4095") == failure(1, 4095, 0));
    CHECK(parse_copen("1,-0x1") == failure(1, 1, 0));
}

TEST_CASE("a wrong size fails the message, and the write") {
    CHECK(parse_copen("1,-4096") == failure(1, EINVAL, EINVAL));
    CHECK(parse_copen("1,-9223372036854775808") == failure(1, EINVAL, EINVAL));
    for (const char* size : {"", " 1", "1 ", "x", "1,2", "--1", "-+1", "++1", "0x", "08", "-", "+"})
        CHECK_MESSAGE(parse_copen("1," + std::string(size)) == failure(1, EINVAL, EINVAL), size);
    for (const char* size : {"9223372036854775808", "18446744073709551616", "-9223372036854775809",
                             "-18446744073709551615", "99999999999999999999x"})
        CHECK_MESSAGE(parse_copen("1," + std::string(size)) == failure(1, ERANGE, ERANGE), size);
}

TEST_CASE("without a proper id no message is answered") {
    for (const char* argument :
         {"", "1", "1 2", ",1", " 1,1", "1 ,1", "-1,1", "x,1", "0x,1", "08,1"})
        CHECK_MESSAGE(parse_copen(argument) == invalid, argument);
    CHECK(parse_copen("18446744073709551616,1") == range);
    CHECK(parse_copen("18446744073709551616x,1") == range);
    CHECK(parse_copen("18446744073709551615,1") == answer(UINT64_MAX, 1));
}
