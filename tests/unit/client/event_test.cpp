// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/event_queue.hpp"
#include "tests/unit/client/client_fixture.hpp"

#include <doctest/doctest.h>

#include <poll.h>

namespace cachefiles::tests {
namespace {

bool readable(int fd) {
    pollfd watched{fd, POLLIN, 0};
    return poll(&watched, 1, 0) == 1;
}

/// Waits for it, as a program does.
cachefiles_event next(cachefiles_connection* connection) {
    pollfd watched{cachefiles_event_fd(connection), POLLIN, 0};
    REQUIRE(poll(&watched, 1, -1) == 1);
    cachefiles_event event{};
    REQUIRE(cachefiles_next_event(connection, &event) == 1);
    return event;
}

} // namespace

TEST_CASE_FIXTURE(ClientFixture, "events: a file that the daemon has ended") {
    open();
    cachefiles_event event{};
    CHECK(cachefiles_next_event(connection, &event) == 0);
    const int fd = cachefiles_event_fd(connection);
    REQUIRE(fd >= 0);
    CHECK(cachefiles_event_fd(connection) == fd);
    fill();
    CHECK(!readable(fd));
    daemon.invalidate("key");
    event = next(connection);
    CHECK(event.type == CACHEFILES_EVENT_ENDED);
    CHECK(event.cookie == cookie);
    CHECK(cachefiles_next_event(connection, &event) == 0);
    CHECK(!readable(fd));
}

TEST_CASE_FIXTURE(ClientFixture, "events: what the program ended itself is none") {
    open();
    fill();
    CHECK(cachefiles_invalidate(cookie, "v2", 2, source.size, 0) == 0);
    fill();
    CHECK(cachefiles_resize(cookie, source.size - 1) == 0);
    CHECK(cachefiles_resize(cookie, source.size) == 0);
    CHECK(plan(0, 1).source == CACHEFILES_READ);
    CHECK(cachefiles_unuse(cookie, nullptr, 0, nullptr) == 0);
    CHECK(!readable(cachefiles_event_fd(connection)));
}

TEST_CASE_FIXTURE(ClientFixture, "events: of a cookie that has gone") {
    open();
    fill();
    daemon.invalidate("key");
    pollfd watched{cachefiles_event_fd(connection), POLLIN, 0};
    REQUIRE(poll(&watched, 1, -1) == 1);
    cachefiles_relinquish_cookie(cookie, 0);
    CHECK(next(connection).cookie == nullptr);
}

TEST_CASE_FIXTURE(ClientFixture, "events: the daemon goes and comes, a cache goes and comes") {
    open();
    daemon.stop();
    CHECK(next(connection).type == CACHEFILES_EVENT_OFFLINE);
    daemon.start();
    CHECK(next(connection).type == CACHEFILES_EVENT_ONLINE);
    daemon.withdraw();
    CHECK(next(connection).type == CACHEFILES_EVENT_OFFLINE);
    daemon.come_back();
    CHECK(next(connection).type == CACHEFILES_EVENT_ONLINE);
}

TEST_CASE("events: the oldest are dropped") {
    client::EventQueue queue;
    const int before = queue.descriptor();
    CHECK(!readable(before));
    for (int i = 0; i < 1025; ++i)
        queue.push({i == 1 ? CACHEFILES_EVENT_ONLINE : CACHEFILES_EVENT_ENDED, nullptr});
    CHECK(readable(before));
    cachefiles_event event{};
    int count = 0;
    while (queue.pop(event)) {
        CHECK((event.type == CACHEFILES_EVENT_ONLINE) == (count == 0));
        ++count;
    }
    CHECK(count == 1024);
    CHECK(!readable(before));
}

TEST_CASE("events: those that came before the descriptor was asked for show in it") {
    client::EventQueue queue;
    queue.push({CACHEFILES_EVENT_ONLINE, nullptr});
    CHECK(readable(queue.descriptor()));
}

} // namespace cachefiles::tests
