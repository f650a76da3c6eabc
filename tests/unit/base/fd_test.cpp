// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/error.hpp"
#include "base/fd.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>

#include <string>

using namespace cachefiles;

namespace {
bool is_open(int fd) {
    return fcntl(fd, F_GETFD) >= 0;
}
} // namespace

TEST_CASE("a descriptor is closed once, by its last owner") {
    Fd first(open("/dev/null", O_RDONLY | O_CLOEXEC));
    REQUIRE(first);
    const int number = first.get();
    Fd second = std::move(first);
    CHECK(is_open(number));
    second = Fd();
    CHECK_FALSE(is_open(number));
}

TEST_CASE("a released descriptor stays open") {
    Fd fd(open("/dev/null", O_RDONLY | O_CLOEXEC));
    const int number = fd.release();
    CHECK_FALSE(fd);
    CHECK(is_open(number));
    close(number);
}

TEST_CASE("a system error says what, and why") {
    const SystemError error("cannot open /nowhere", ENOENT);
    CHECK(std::string(error.what()) == "cannot open /nowhere: No such file or directory");
    CHECK(error.error() == ENOENT);
}
