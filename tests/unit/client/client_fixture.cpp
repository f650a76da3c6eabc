// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/client/client_fixture.hpp"

#include "client/connection.hpp"

#include <doctest/doctest.h>

#include <sched.h>

#include <algorithm>
#include <cstring>

namespace cachefiles::tests {

std::string Source::content(std::uint64_t start, std::uint64_t length) const {
    std::string bytes;
    if (start >= size)
        return bytes;
    length = std::min(length, size - start);
    bytes.resize(length);
    for (std::uint64_t i = 0; i < length;) {
        const std::uint64_t word = (start + i) / 8 << 16 | version;
        const std::uint64_t into = (start + i) % 8;
        const std::uint64_t count = std::min(8 - into, length - i);
        std::memcpy(bytes.data() + i, reinterpret_cast<const char*>(&word) + into, count);
        i += count;
    }
    return bytes;
}

ssize_t Source::fetch(void* source, void* buffer, size_t length, uint64_t start) {
    Source& self = *static_cast<Source*>(source);
    ++self.reads;
    if (self.error != 0)
        return -self.error;
    const std::string bytes = self.content(start, std::min(length, self.largest_read));
    self.given += bytes.size();
    std::memcpy(buffer, bytes.data(), bytes.size());
    return static_cast<ssize_t>(bytes.size());
}

ClientFixture::ClientFixture() : daemon(directory.path() / "netfs") {
    options.path = directory.path() / "netfs";
    options.name = "test";
    options.first_retry = std::chrono::milliseconds(1);
    options.longest_retry = std::chrono::milliseconds(5);
    options.call_retry = std::chrono::milliseconds(1);
    options.time_out = std::chrono::hours(1);
    options.touch_interval = std::chrono::hours(1);
    options.no_space_pause = std::chrono::hours(1);
    daemon.start();
}

ClientFixture::~ClientFixture() {
    cachefiles_close(connection);
}

void ClientFixture::connect() {
    auto made = std::make_unique<cachefiles_connection>(options);
    REQUIRE(made->start(false) == 0);
    connection = made.release();
}

void ClientFixture::open() {
    open(0);
}

void ClientFixture::open(unsigned flags) {
    connect();
    REQUIRE(cachefiles_acquire_volume(connection, "server", 6, nullptr, "c", 1, &volume) == 0);
    REQUIRE(cachefiles_acquire_cookie(volume, "key", 3, "v1", 2, source.size, &cookie) == 0);
    REQUIRE(cachefiles_use(cookie, flags) == 0);
}

void ClientFixture::wait_online() {
    while (cachefiles_online(connection) == 0)
        sched_yield();
}

void ClientFixture::wait_offline() {
    while (cachefiles_online(connection) == 1)
        sched_yield();
}

struct cachefiles_plan ClientFixture::plan(std::uint64_t start, std::uint64_t length) {
    struct cachefiles_plan plan{};
    cachefiles_plan_read(cookie, start, length, &plan);
    return plan;
}

std::string ClientFixture::read(std::uint64_t start, std::uint64_t length) {
    std::string bytes(length, '?');
    const ssize_t count = cachefiles_read(cookie, bytes.data(), length, start);
    REQUIRE(count >= 0);
    bytes.resize(static_cast<std::size_t>(count));
    return bytes;
}

ssize_t ClientFixture::read_error(std::uint64_t start, std::uint64_t length) {
    std::string bytes(length, '?');
    return cachefiles_read(cookie, bytes.data(), length, start);
}

std::string ClientFixture::read_through(std::uint64_t start, std::uint64_t length) {
    std::string bytes(length, '?');
    const ssize_t count =
        cachefiles_read_through(cookie, bytes.data(), length, start, &Source::fetch, &source);
    REQUIRE(count >= 0);
    bytes.resize(static_cast<std::size_t>(count));
    return bytes;
}

ssize_t ClientFixture::store(std::uint64_t start, std::uint64_t length) {
    const struct cachefiles_plan made = plan(start, length);
    const std::string bytes = source.content(start, length);
    return cachefiles_store(cookie, &made, bytes.data(), bytes.size(), start);
}

} // namespace cachefiles::tests
