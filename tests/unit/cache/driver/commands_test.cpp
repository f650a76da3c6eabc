// SPDX-License-Identifier: GPL-2.0-or-later
// The commands as such: framing, and those that only configure (command protocol, sections 2 and
// 3).
#include "tests/unit/cache/driver/driver_bench.hpp"

#include <poll.h>

#include <cerrno>
#include <utility>
#include <vector>

using namespace cachefiles;
using namespace cachefiles::tests;
using namespace std::string_literals;

namespace {

/// Commands given one after the other to a device just opened, and what each answers.
using Script = std::vector<std::pair<std::string, int>>;

void play(const Script& script) {
    DriverBench bench;
    bench.close();
    bench.cache = bench.driver.open({}).value(); // with the limits that the driver begins with
    for (const auto& [text, answer] : script) {
        CAPTURE(text);
        CHECK(bench.command(text) == answer);
    }
}

} // namespace

TEST_CASE("framing") {
    play({
        {"", EOPNOTSUPP},
        {"frun 9%" + std::string(4095 - 7, '\n'), 0},
        {"frun 9%" + std::string(4096 - 7, '\n'), EOPNOTSUPP},
        {"frun 9%\0"s, EINVAL},
        {"frun 9%\n\0"s, EINVAL},
        {"\nfrun 9%", EINVAL},
        {"frun 9%\ngarbage", 0},
        {" frun 9%", EOPNOTSUPP},
        {"frun \t\v 9%", 0},
        {"frun\xa0"
         "9%",
         0},
        {"frun 9% ", EINVAL},
        {"frun 9%\r", EINVAL},
        {"FRUN 9%", EOPNOTSUPP},
        {"frunx 9%", EOPNOTSUPP},
    });
}

TEST_CASE("limits: each against its neighbours of the moment, from 7, 5 and 1") {
    for (const std::string which : {"f", "b"}) {
        play({
            {which + "run", EINVAL},
            {which + "run 5%", EINVAL},
            {which + "run 100%", EINVAL},
            {which + "run -9%", EINVAL},
            {which + "run 0x9%", EINVAL},
            {which + "run 99%", 0},
            {which + "cull 99%", EINVAL},
            {which + "cull 1%", EINVAL},
            {which + "cull 098%", 0},
            {which + "stop 98%", EINVAL},
            {which + "stop %", 0},
            {which + "cull 1%", 0},
            {which + "run 2%", 0},
            {which + "run 18446744073709551629%", 0}, // 13
            {which + "cull 12%", 0},
            {which + "cull 13%", EINVAL},
        });
    }
}

TEST_CASE("dir, tag, secctx, debug") {
    play({
        {"dir", EINVAL},
        {"dir /nowhere", 0},
        {"dir /elsewhere", EEXIST},
        {"tag", EINVAL},
        {"tag a b ", 0},
        {"tag c", EEXIST},
        {"secctx", EINVAL},
        {"secctx system_u:system_r:cachefiles_kernel_t:s0", EOPNOTSUPP},
        {"debug", 0},
        {"debug 0x7", 0},
        {"debug 010", 0},
        {"debug 08", EINVAL},
        {"debug 1 ", EINVAL},
        {"debug -1", EINVAL},
    });
}

TEST_CASE("the mask of debug outlives the cache") {
    DriverBench bench;
    CHECK(bench.command("debug 0x1ffffffff") == 0);
    bench.open();
    CHECK(bench.driver.debug() == 0xffffffff);
    CHECK(bench.command("debug") == 0);
    CHECK(bench.driver.debug() == 0);
}

TEST_CASE("on-demand mode is not offered") {
    play({
        {"dir /nowhere", 0},
        {"bind ondemand", EINVAL},
        {"copen 1,2", EOPNOTSUPP},
        {"restore", EOPNOTSUPP},
    });
}

TEST_CASE("before it is bound there is nothing to read, to poll or to cull") {
    DriverBench bench;
    CHECK(bench.cache->read(4096).value().empty());
    CHECK(bench.cache->read(0).value().empty());
    CHECK(bench.cache->poll() == 0);
    CHECK(bench.command("cull a") == EIO);
    CHECK(bench.command("inuse a") == EIO);
    CHECK(bench.command("cull a/b") == EINVAL);
    CHECK(bench.command("inuse a/b") == EINVAL);
    CHECK(bench.command("cull") == EIO);
}
