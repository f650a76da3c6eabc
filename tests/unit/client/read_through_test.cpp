// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/client/client_fixture.hpp"

#include <doctest/doctest.h>

#include <cerrno>

namespace cachefiles::tests {
namespace {

using Type = FakeDaemon::Type;

ssize_t nonsense(void*, void*, size_t length, uint64_t) {
    return static_cast<ssize_t>(length) + 1;
}

} // namespace

TEST_CASE_FIXTURE(ClientFixture, "read_through: a small read gets and stores a block") {
    open();
    CHECK(read_through(block + 7, 100) == source.content(block + 7, 100));
    CHECK(source.reads == 1);
    CHECK(source.given == block);
    CHECK(read_through(block + 2000, 5000) == source.content(block + 2000, 5000));
    CHECK(source.reads == 1);
    CHECK(plan(block, block).source == CACHEFILES_READ);
}

TEST_CASE_FIXTURE(ClientFixture, "read_through: blocks of a large read go straight to the caller") {
    open();
    CHECK(read_through(0, 10 * block) == source.content(0, source.size));
    CHECK(source.reads == 1);
    CHECK(source.given == source.size);
    CHECK(daemon.bytes_of("key") == source.content(0, source.size));
}

TEST_CASE_FIXTURE(ClientFixture, "read_through: begins and ends in the middle of blocks") {
    open();
    CHECK(read_through(5, 3 * block) == source.content(5, 3 * block));
    CHECK(source.given == source.size); // each byte once
    CHECK(plan(0, source.size).source == CACHEFILES_READ);
    CHECK(plan(0, source.size).length == source.size);
}

TEST_CASE_FIXTURE(ClientFixture, "read_through: around what is there") {
    open();
    CHECK(store(block, block) > 0);
    CHECK(read_through(0, source.size) == source.content(0, source.size));
    CHECK(source.given == source.size - block);
}

TEST_CASE_FIXTURE(ClientFixture, "read_through: a large file in bounded pieces") {
    source.size = 9 * block + 3;
    open();
    CHECK(read_through(1, source.size) == source.content(1, source.size));
    CHECK(source.given == source.size);
    CHECK(source.reads == 2); // 4 blocks beside the caller's buffer, and the rest into it
}

TEST_CASE_FIXTURE(ClientFixture, "read_through: the end of the file") {
    open();
    CHECK(read_through(source.size - 3, 100) == source.content(source.size - 3, 3));
    CHECK(source.given == 1000);
    CHECK(read_through(source.size, 100).empty());
    CHECK(read_through(0, 0).empty());
}

TEST_CASE_FIXTURE(ClientFixture, "read_through: a source that gives a little at a time") {
    source.largest_read = 100'000;
    open();
    CHECK(read_through(10, block) == source.content(10, block));
    CHECK(plan(0, 2 * block).length == 2 * block);
}

TEST_CASE_FIXTURE(ClientFixture, "read_through: a source that is shorter than the cookie says") {
    open();
    source.size = block + 100;
    CHECK(read_through(0, 3 * block) == source.content(0, block + 100));
    CHECK(read_through(block + 50, 3 * block) == source.content(block + 50, 50));
    CHECK(read_through(2 * block, 100).empty());
    CHECK(plan(block, 1).source == CACHEFILES_STORE); // not stored
}

TEST_CASE_FIXTURE(ClientFixture, "read_through: errors are the source's") {
    open();
    std::string buffer(block, '?');
    source.error = ETIMEDOUT;
    const auto read = [&](std::uint64_t start, std::size_t length) {
        return cachefiles_read_through(cookie, buffer.data(), length, start, &Source::fetch,
                                       &source);
    };
    CHECK(read(0, block) == -ETIMEDOUT);
    CHECK(read(5, 10) == -ETIMEDOUT);
    source.error = EAGAIN; // no other than the rest
    CHECK(read(0, 10) == -EAGAIN);
    source.error = 0;
    CHECK(store(0, block) > 0);
    source.error = EIO;
    CHECK(read(block - 10, 20) == 10); // what there was before the error
    CHECK(cachefiles_read_through(cookie, buffer.data(), 10, 2 * block, &nonsense, nullptr) ==
          -EIO);
    source.error = 0;
    CHECK(read(2 * block, 10) == 10); // nobody waits for what failed
}

TEST_CASE_FIXTURE(ClientFixture,
                  "read_through: without room it gets what was asked for, and no more") {
    open();
    daemon.refuse_once(Type::prepare_write, ENOSPC);
    CHECK(read_through(10, 100) == source.content(10, 100));
    CHECK(read_through(10, 100) == source.content(10, 100));
    CHECK(source.given == block + 100);
}

TEST_CASE_FIXTURE(ClientFixture,
                  "read_through: what was got before an invalidation is not stored") {
    open();
    struct Invalidating {
        ClientFixture& fixture;
        static ssize_t fetch(void* context, void* buffer, size_t length, uint64_t start) {
            ClientFixture& fixture = static_cast<Invalidating*>(context)->fixture;
            const ssize_t got = Source::fetch(&fixture.source, buffer, length, start);
            ++fixture.source.version;
            CHECK(cachefiles_invalidate(fixture.cookie, nullptr, 0, fixture.source.size, 0) == 0);
            return got;
        }
    } invalidating{*this};
    std::string buffer(block, '?');
    CHECK(cachefiles_read_through(cookie, buffer.data(), block, 0, &Invalidating::fetch,
                                  &invalidating) == static_cast<ssize_t>(block));
    CHECK(plan(0, block).source == CACHEFILES_STORE);
    CHECK(read_through(0, block) == source.content(0, block));
    CHECK(read(0, block) == source.content(0, block));
}

} // namespace cachefiles::tests
