// SPDX-License-Identifier: GPL-2.0-or-later
#include "client/connection.hpp"
#include "protocol/netfs/codec.hpp"
#include "tests/unit/client/client_fixture.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <cstdlib>

namespace cachefiles::tests {
namespace {

namespace netfs = protocol::netfs;
using Kind = FakeDaemon::Reaction::Kind;
using Type = FakeDaemon::Type;

int connect_now(const std::string& path) {
    cachefiles_connection* connection = nullptr;
    const int result =
        cachefiles_connect(path.c_str(), "test", CACHEFILES_CONNECT_NOW, &connection);
    CHECK((connection != nullptr) == (result == 0));
    cachefiles_close(connection);
    return result;
}

} // namespace

TEST_CASE_FIXTURE(ClientFixture, "connect: greets the daemon by name") {
    CHECK(connect_now(options.path) == 0);
    const auto requests = daemon.requests();
    REQUIRE(requests.size() == 1);
    CHECK(std::get<netfs::Hello>(requests[0]).name == "test");
}

TEST_CASE_FIXTURE(ClientFixture, "connect: without a daemon it is an error only if asked for") {
    daemon.stop();
    CHECK(connect_now(options.path) == -ENOENT);
    cachefiles_connection* made = nullptr;
    REQUIRE(cachefiles_connect(options.path.c_str(), nullptr, 0, &made) == 0);
    CHECK(cachefiles_online(made) == 0);
    cachefiles_close(made);
}

TEST_CASE_FIXTURE(ClientFixture, "connect: wrong arguments") {
    cachefiles_connection* made = nullptr;
    CHECK(cachefiles_connect(options.path.c_str(), nullptr, 2, &made) == -EINVAL);
    CHECK(cachefiles_connect("", nullptr, 0, &made) == -EINVAL);
    CHECK(cachefiles_connect(std::string(200, 'x').c_str(), nullptr, 0, &made) == -ENAMETOOLONG);
    CHECK(made == nullptr);
    connect();
    CHECK(cachefiles_set_timeout(connection, 0) == -EINVAL);
    cachefiles_close(nullptr);
}

TEST_CASE_FIXTURE(ClientFixture, "connect: the path of the environment") {
    REQUIRE(setenv("CACHEFILESD_SOCKET", options.path.c_str(), 1) == 0);
    cachefiles_connection* made = nullptr;
    CHECK(cachefiles_connect(nullptr, nullptr, CACHEFILES_CONNECT_NOW, &made) == 0);
    CHECK(cachefiles_online(made) == 1);
    cachefiles_close(made);
    unsetenv("CACHEFILESD_SOCKET");
}

TEST_CASE_FIXTURE(ClientFixture, "connect: a daemon that speaks something else") {
    SUBCASE("another version") {
        daemon.version = 2;
    }
    SUBCASE("no version in common") {
        daemon.refuse_once(Type::hello, EPROTONOSUPPORT);
    }
    SUBCASE("an arena that may become smaller") {
        daemon.sealed_arena = false;
    }
    CHECK(connect_now(options.path) == -EPROTO);
}

TEST_CASE_FIXTURE(ClientFixture, "connect: a daemon that hangs up, or babbles") {
    Kind kind{};
    SUBCASE("hangs up") {
        kind = Kind::die_before;
    }
    SUBCASE("babbles") {
        kind = Kind::babble;
    }
    daemon.react([kind](const auto&) { return FakeDaemon::Reaction{kind}; });
    CHECK(connect_now(options.path) == -ECONNREFUSED);
}

TEST_CASE_FIXTURE(ClientFixture, "a daemon that does not answer is left after the time-out") {
    open();
    daemon.react([](const FakeDaemon::Request& request) {
        return FakeDaemon::Reaction{netfs::type_of(request) == Type::open ? Kind::ignore
                                                                          : Kind::normal};
    });
    CHECK(cachefiles_set_timeout(connection, 1) == 0);
    CHECK(plan(0, 10).source == CACHEFILES_DOWNLOAD);
}

TEST_CASE_FIXTURE(ClientFixture, "no daemon: everything succeeds without effect") {
    daemon.stop();
    open(CACHEFILES_MODIFY);
    CHECK(cachefiles_online(connection) == 0);
    CHECK(plan(5, 10).source == CACHEFILES_DOWNLOAD);
    CHECK(plan(5, 10).start == 5);
    CHECK(plan(5, 10).length == 10);
    CHECK(read_error(0, 10) == -ENODATA);
    CHECK(store(0, block) == 0);
    CHECK(cachefiles_modify(cookie, "abc", 3, 0) == 0);
    cachefiles_grant grant{};
    const struct cachefiles_plan planned = plan(0, block);
    CHECK(cachefiles_prepare_write(cookie, &planned, 0, block, &grant) == 0);
    CHECK(cachefiles_prepare_write(cookie, nullptr, 0, block, &grant) == 0);
    std::uint64_t at = 0;
    std::uint64_t length = 0;
    CHECK(cachefiles_occupancy(cookie, 0, block, &at, &length) == 0);
    CHECK(cachefiles_update(cookie, "v2", 2, nullptr) == 0);
    CHECK(cachefiles_resize(cookie, 10) == 0);
    CHECK(cachefiles_invalidate(cookie, nullptr, 0, source.size, 0) == 0);
    CHECK(read_through(1, 2 * block) == source.content(1, 2 * block));
    CHECK(cachefiles_unuse(cookie, "v3", 2, &source.size) == 0);
    cachefiles_relinquish_cookie(cookie, 1);
    CHECK(cachefiles_relinquish_volume(volume, "d", 1) == 0);
}

TEST_CASE("a NULL volume or cookie is no cache") {
    cachefiles_cookie* cookie = nullptr;
    Source source;
    CHECK(cachefiles_acquire_cookie(nullptr, "key", 3, "", 0, 0, &cookie) == 0);
    CHECK(cookie == nullptr);
    CHECK(cachefiles_use(nullptr, CACHEFILES_MODIFY) == 0);
    CHECK(cachefiles_update(nullptr, "a", 1, nullptr) == 0);
    CHECK(cachefiles_resize(nullptr, 1) == 0);
    CHECK(cachefiles_invalidate(nullptr, "a", 1, 1, 0) == 0);
    cachefiles_set_data(nullptr, &source);
    CHECK(cachefiles_data(nullptr) == nullptr);
    struct cachefiles_plan plan{};
    cachefiles_plan_read(nullptr, 7, 8, &plan);
    CHECK(plan.source == CACHEFILES_DOWNLOAD);
    CHECK(plan.start == 7);
    CHECK(plan.length == 8);
    std::string buffer(8, '?');
    CHECK(cachefiles_read(nullptr, buffer.data(), 8, 0) == -ENODATA);
    CHECK(cachefiles_store(nullptr, &plan, buffer.data(), 8, 0) == 0);
    CHECK(cachefiles_modify(nullptr, buffer.data(), 8, 0) == 0);
    cachefiles_grant grant{};
    CHECK(cachefiles_prepare_write(nullptr, &plan, 0, 8, &grant) == 0);
    CHECK(cachefiles_commit_write(nullptr, &grant, 0, 8) == -EINVAL);
    CHECK(cachefiles_read_through(nullptr, buffer.data(), 8, 16, &Source::fetch, &source) == 8);
    CHECK(buffer == source.content(16, 8));
    std::uint64_t ignored = 0;
    CHECK(cachefiles_occupancy(nullptr, 0, 8, &ignored, &ignored) == 0);
    CHECK(cachefiles_unuse(nullptr, nullptr, 0, nullptr) == 0);
    cachefiles_relinquish_cookie(nullptr, 0);
    CHECK(cachefiles_relinquish_volume(nullptr, nullptr, 0) == 0);
}

TEST_CASE_FIXTURE(ClientFixture, "close relinquishes what is still there") {
    open();
    CHECK(cachefiles_use(cookie, CACHEFILES_MODIFY) == 0); // the daemon has two uses
    cachefiles_close(connection);
    connection = nullptr;
    CHECK(daemon.count(Type::unuse) == 2);
    CHECK(daemon.count(Type::relinquish_cookie) == 1);
    CHECK(daemon.count(Type::relinquish_volume) == 1);
}

TEST_CASE_FIXTURE(ClientFixture, "volumes: refusals that the program has to know") {
    connect();
    REQUIRE(cachefiles_acquire_volume(connection, "a", 1, "tag", "", 0, &volume) == 0);
    cachefiles_volume* other = nullptr;
    CHECK(cachefiles_acquire_volume(connection, "a", 1, "tag", "", 0, &other) == -EBUSY);
    for (const int error : {EBUSY, EACCES, EINVAL}) {
        daemon.refuse_once(Type::acquire_volume, error);
        CHECK(cachefiles_acquire_volume(connection, "b", 1, nullptr, nullptr, 0, &other) == -error);
        CHECK(other == nullptr);
    }
    // Not kept from it: the next time it may be otherwise.
    CHECK(cachefiles_acquire_volume(connection, "b", 1, nullptr, nullptr, 0, &other) == 0);
    CHECK(cachefiles_acquire_volume(connection, "", 0, nullptr, nullptr, 0, &other) == -EINVAL);
    const std::string longest(255, 'k');
    CHECK(cachefiles_acquire_volume(connection, longest.data(), 255, nullptr, longest.data(), 255,
                                    &other) == 0);
    const std::string longer(256, 'k');
    CHECK(cachefiles_acquire_volume(connection, longer.data(), 256, nullptr, nullptr, 0, &other) ==
          -EINVAL);
    CHECK(cachefiles_acquire_volume(connection, "c", 1, longer.c_str(), nullptr, 0, &other) ==
          -EINVAL);
    CHECK(cachefiles_acquire_volume(connection, "c", 1, nullptr, longer.data(), 256, &other) ==
          -EINVAL);
}

TEST_CASE_FIXTURE(ClientFixture,
                  "volumes: one that the daemon has no room for is asked for again") {
    daemon.refuse_once(Type::acquire_volume, EMFILE);
    open();
    while (plan(0, 1).source != CACHEFILES_STORE) {
    }
    CHECK(daemon.count(Type::acquire_volume) == 2);
}

TEST_CASE_FIXTURE(ClientFixture, "volumes: what is left in one goes with it") {
    open();
    CHECK(cachefiles_relinquish_volume(volume, "x", 1) == 0);
    const auto requests = daemon.requests();
    const auto& last = std::get<netfs::RelinquishVolume>(requests.back());
    CHECK(last.coherency == "x");
    CHECK(daemon.count(Type::unuse) == 1);
    CHECK(daemon.count(Type::relinquish_cookie) == 1);
    // The key is free again.
    CHECK(cachefiles_acquire_volume(connection, "server", 6, nullptr, "c", 1, &volume) == 0);
}

} // namespace cachefiles::tests
