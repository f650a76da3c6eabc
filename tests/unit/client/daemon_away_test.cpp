// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/netfs/codec.hpp"
#include "tests/unit/client/client_fixture.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cerrno>

namespace cachefiles::tests {
namespace {

namespace netfs = protocol::netfs;
using Kind = FakeDaemon::Reaction::Kind;
using Type = FakeDaemon::Type;

} // namespace

TEST_CASE_FIXTURE(ClientFixture,
                  "a new daemon gets to know what is in use, and has what was stored") {
    open();
    fill();
    CHECK(cachefiles_use(cookie, 0) == 0);
    daemon.stop();
    wait_offline();
    CHECK(read_error(0, 10) == -ENODATA);
    CHECK(plan(0, 10).source == CACHEFILES_DOWNLOAD);
    daemon.clear_requests();
    daemon.start();
    daemon.wait_for(Type::use, 1); // without a call of the program
    CHECK(std::get<netfs::Hello>(daemon.requests().at(0)).name == "test");
    CHECK(std::get<netfs::AcquireVolume>(daemon.requests().at(1)).key == "server");
    CHECK(std::get<netfs::AcquireCookie>(daemon.requests().at(2)).key == "key");
    CHECK(!std::get<netfs::Use>(daemon.requests().at(3)).will_modify);
    while (plan(0, 10).source != CACHEFILES_READ) {
    }
    CHECK(read(0, 10) == source.content(0, 10));
    CHECK(daemon.use_of("key")->uses == 1);
    CHECK(daemon.count(Type::invalidate) == 0);
}

TEST_CASE_FIXTURE(ClientFixture,
                  "what was acquired while there was no daemon is acquired when it comes") {
    daemon.stop();
    open(CACHEFILES_MODIFY);
    daemon.start();
    daemon.wait_for(Type::use, 1);
    while (plan(0, 10).source != CACHEFILES_STORE) {
    }
    CHECK(daemon.use_of("key")->modifies);
    CHECK(daemon.count(Type::invalidate) == 1); // it may have been changed unseen
}

TEST_CASE_FIXTURE(ClientFixture, "a cookie that is not in use waits for its next use") {
    open();
    fill();
    CHECK(cachefiles_unuse(cookie, nullptr, 0, nullptr) == 0);
    daemon.stop();
    wait_offline();
    daemon.clear_requests();
    daemon.start();
    wait_online();
    CHECK(daemon.count(Type::acquire_cookie) == 0);
    CHECK(cachefiles_update(cookie, "v1", 2, nullptr) == 0);
    CHECK(cachefiles_use(cookie, 0) == 0);
    CHECK(plan(0, 10).source == CACHEFILES_READ);
    CHECK(daemon.count(Type::acquire_cookie) == 1);
}

TEST_CASE_FIXTURE(ClientFixture, "what happened while the daemon was away is not served") {
    open();
    fill();
    daemon.stop();
    wait_offline();
    SUBCASE("an invalidation, even under the same coherency data") {
        CHECK(cachefiles_invalidate(cookie, nullptr, 0, source.size, 0) == 0);
    }
    SUBCASE("new coherency data") {
        CHECK(cachefiles_update(cookie, "v2", 2, nullptr) == 0);
    }
    SUBCASE("smaller and larger again") {
        CHECK(cachefiles_resize(cookie, 5) == 0);
        CHECK(cachefiles_resize(cookie, source.size) == 0);
    }
    SUBCASE("an invalidation, and then an unuse and a use") {
        CHECK(cachefiles_invalidate(cookie, nullptr, 0, source.size, 0) == 0);
        CHECK(cachefiles_unuse(cookie, nullptr, 0, nullptr) == 0);
        CHECK(cachefiles_use(cookie, 0) == 0);
    }
    SUBCASE("a use that may change it") {
        CHECK(cachefiles_use(cookie, CACHEFILES_MODIFY) == 0);
    }
    daemon.start();
    wait_online();
    while (plan(0, 10).source == CACHEFILES_DOWNLOAD) {
    }
    CHECK(plan(0, 10).source == CACHEFILES_STORE);
}

TEST_CASE_FIXTURE(ClientFixture, "an invalidation that the daemon died of is done again") {
    open();
    fill();
    Kind kind{};
    SUBCASE("before") {
        kind = Kind::die_before;
    }
    SUBCASE("after") {
        kind = Kind::die_after;
    }
    daemon.react([kind, done = false](const FakeDaemon::Request& request) mutable {
        if (done || netfs::type_of(request) != Type::invalidate)
            return FakeDaemon::Reaction{};
        done = true;
        return FakeDaemon::Reaction{kind};
    });
    CHECK(cachefiles_invalidate(cookie, nullptr, 0, source.size, 0) == 0);
    wait_online();
    while (plan(0, 10).source == CACHEFILES_DOWNLOAD) {
    }
    CHECK(plan(0, 10).source == CACHEFILES_STORE);
    CHECK(daemon.count(Type::invalidate) == 2);
}

TEST_CASE_FIXTURE(ClientFixture,
                  "a volume that somebody else has meanwhile is asked for until it is free") {
    open();
    fill();
    cachefiles_connection* other = nullptr;
    cachefiles_volume* others = nullptr;
    daemon.stop();
    wait_offline();
    daemon.react([](const FakeDaemon::Request& request) {
        const auto* hello = std::get_if<netfs::Hello>(&request);
        return hello != nullptr && hello->name == "test" ? FakeDaemon::Reaction{Kind::refuse, EIO}
                                                         : FakeDaemon::Reaction{};
    });
    daemon.start();
    REQUIRE(cachefiles_connect(options.path.c_str(), "other", CACHEFILES_CONNECT_NOW, &other) == 0);
    REQUIRE(cachefiles_acquire_volume(other, "server", 6, nullptr, "c", 1, &others) == 0);
    daemon.clear_requests();
    daemon.react(nullptr);
    daemon.wait_for(Type::acquire_volume, 2); // of its own accord: the cookie is in use
    CHECK(plan(0, 10).source == CACHEFILES_DOWNLOAD);
    CHECK(daemon.count(Type::use) == 0);
    cachefiles_close(other);
    daemon.wait_for(Type::use, 1);
    while (plan(0, 10).source != CACHEFILES_READ) {
    }
}

/// A little of everything. Whatever becomes of the daemon, no call fails, and what is read is
/// right.
static void some_of_everything(ClientFixture& fixture) {
    cachefiles_volume* volume = nullptr;
    REQUIRE(cachefiles_acquire_volume(fixture.connection, "v", 1, nullptr, "", 0, &volume) == 0);
    cachefiles_cookie* cookie = nullptr;
    Source& source = fixture.source;
    source.version = 1;
    source.size = 2 * block + 1000;
    REQUIRE(cachefiles_acquire_cookie(volume, "k", 1, "v1", 2, source.size, &cookie) == 0);
    REQUIRE(cachefiles_use(cookie, CACHEFILES_MODIFY) == 0);
    fixture.cookie = cookie;
    CHECK(fixture.read_through(5, block) == source.content(5, block));
    CHECK(fixture.read_through(5, 10) == source.content(5, 10));
    ++source.version;
    CHECK(cachefiles_invalidate(cookie, "v2", 2, source.size, 0) == 0);
    CHECK(fixture.read_through(0, 2 * block) == source.content(0, 2 * block));
    source.size = block + 7;
    CHECK(cachefiles_resize(cookie, source.size) == 0);
    CHECK(fixture.read_through(0, 2 * block) == source.content(0, 2 * block));
    CHECK(cachefiles_update(cookie, "v3", 2, nullptr) == 0);
    ++source.version;
    const std::string changed = source.content(0, source.size);
    CHECK(cachefiles_modify(cookie, changed.data(), changed.size(), 0) >= 0);
    CHECK(fixture.read_through(0, 2 * block) == changed);
    CHECK(cachefiles_unuse(cookie, "v4", 2, &source.size) == 0);
    REQUIRE(cachefiles_use(cookie, 0) == 0);
    CHECK(fixture.read_through(3, block) == source.content(3, block));
    CHECK(cachefiles_unuse(cookie, nullptr, 0, nullptr) == 0);
    cachefiles_relinquish_cookie(cookie, 1);
    CHECK(cachefiles_relinquish_volume(volume, nullptr, 0) == 0);
}

TEST_CASE_FIXTURE(ClientFixture, "a daemon that dies at every message in turn") {
    Kind kind{};
    SUBCASE("before it") {
        kind = Kind::die_before;
    }
    SUBCASE("after it") {
        kind = Kind::die_after;
    }
    SUBCASE("and talks nonsense") {
        kind = Kind::babble;
    }
    bool died = true;
    for (int at = 0; died; ++at) {
        died = false;
        std::atomic<int> seen = 0;
        std::atomic<bool> hit = false;
        daemon.react([&, at](const FakeDaemon::Request&) {
            if (seen++ != at)
                return FakeDaemon::Reaction{};
            hit = true;
            return FakeDaemon::Reaction{kind};
        });
        connect();
        some_of_everything(*this);
        cachefiles_close(connection);
        connection = nullptr;
        died = hit;
        daemon.react(nullptr);
        daemon.forget_disk();
    }
}

TEST_CASE_FIXTURE(ClientFixture, "a daemon that is gone from any message on") {
    bool died = true;
    for (int at = 0; died; ++at) {
        died = false;
        std::atomic<int> seen = 0;
        daemon.react([&, at](const FakeDaemon::Request&) {
            return FakeDaemon::Reaction{seen++ < at ? Kind::normal : Kind::die_before};
        });
        connect();
        some_of_everything(*this);
        cachefiles_close(connection);
        connection = nullptr;
        died = seen > at;
        daemon.react(nullptr);
        daemon.forget_disk();
    }
}

TEST_CASE_FIXTURE(ClientFixture, "every request refused in turn, with every error") {
    for (const int error : {ENOBUFS, ENOSPC, EIO, EAGAIN, EBADF}) {
        bool refused = true;
        for (int at = 1; refused; ++at) {
            std::atomic<int> seen = 0;
            daemon.react([&, at](const FakeDaemon::Request&) {
                return seen++ == at ? FakeDaemon::Reaction{Kind::refuse, error}
                                    : FakeDaemon::Reaction{};
            });
            connect();
            some_of_everything(*this);
            cachefiles_close(connection);
            connection = nullptr;
            refused = seen > at;
            daemon.react(nullptr);
            daemon.forget_disk();
        }
    }
}

} // namespace cachefiles::tests
