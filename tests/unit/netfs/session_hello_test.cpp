// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/netfs/client_arena.hpp"
#include "tests/unit/netfs/session_bench.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <string>
#include <vector>

using namespace cachefiles;
using namespace cachefiles::tests;

namespace {

std::vector<wire::Request> all_but_hello() {
    return {wire::AcquireVolume{.key = "v"},
            wire::RelinquishVolume{.volume = 1},
            wire::AcquireCookie{.volume = 1, .key = "k"},
            wire::RelinquishCookie{.cookie = 1},
            wire::Use{.cookie = 1},
            wire::Unuse{.cookie = 1},
            wire::Update{.cookie = 1},
            wire::Resize{.cookie = 1, .size = 1},
            wire::Invalidate{.cookie = 1},
            wire::Open{.cookie = 1},
            wire::PrepareWrite{.cookie = 1, .generation = 2, .length = 1},
            wire::CommitWrite{.grant = 1, .length = 1},
            wire::NotePageRelease{.cookie = 1},
            wire::List{}};
}

} // namespace

TEST_CASE("Hello is answered with the limits and the arena") {
    SessionBench bench;
    TestClient client(bench, 1000, false);
    const wire::Reply reply = client.ask(wire::Hello{.name = "afs"});
    REQUIRE(reply.error == 0);
    const auto hello = std::get<wire::HelloReply>(reply.body);
    CHECK(hello.version == 1);
    CHECK(hello.block_size == 256 << 10);
    CHECK(hello.max_volumes == 64);
    CHECK(hello.max_cookies == 65'536);
    CHECK(hello.max_grants == 256);
    CHECK(hello.arena_size == 16 << 20);
    REQUIRE(client.channel->descriptors.size() == 1);
    const Fd arena(dup(client.channel->descriptors[0].descriptor));
    const ClientArena mapped(arena, hello.arena_size);
    CHECK(mapped.header(std::uint64_t{0}).generation == 0);
}

TEST_CASE("nothing is answered before Hello but that it is missing") {
    SessionBench bench;
    TestClient client(bench, 1000, false);
    for (const wire::Request& request : all_but_hello())
        CHECK(client.error(request) == EPROTO);
    client.send(wire::Touch{.cookies = {1}});
    bench.executor.run_all();
    CHECK(client.channel->replies.empty());
    CHECK(!client.channel->hung_up);
    CHECK(client.error(wire::Hello{}) == 0);
    CHECK(client.error(wire::Hello{}) == EPROTO);
    CHECK(client.error(wire::AcquireVolume{.key = "v"}) == 0);
}

TEST_CASE("the newest common version is spoken, or none") {
    SessionBench bench;
    TestClient client(bench, 1000, false);
    CHECK(client.error(wire::Hello{.oldest = 2, .newest = 3}) == EPROTONOSUPPORT);
    CHECK(client.error(wire::Hello{.oldest = 0, .newest = 0}) == EPROTONOSUPPORT);
    CHECK(client.error(wire::Open{.cookie = 1}) == EPROTO);
    const wire::Reply reply = client.ask(wire::Hello{.oldest = 0, .newest = 9});
    CHECK(std::get<wire::HelloReply>(reply.body).version == 1);
}

TEST_CASE("a client has nothing that it was not given") {
    SessionBench bench;
    TestClient other(bench);
    const std::uint32_t cookie = other.used_cookie(other.volume());
    const wire::PrepareWriteReply grant =
        other.prepare(cookie, other.open(cookie).generation, 0, 1);
    TestClient client(bench);
    for (const wire::Request& request : all_but_hello()) {
        const wire::Type type = wire::type_of(request);
        if (type != wire::Type::acquire_volume && type != wire::Type::list)
            CHECK(client.error(request) == EBADF);
    }
    CHECK(client.error(wire::CommitWrite{.grant = grant.grant, .length = 0}) == EBADF);
    CHECK(client.error(wire::AcquireVolume{.key = "v"}) == EBUSY);
    CHECK(other.error(wire::CommitWrite{.grant = grant.grant, .length = 0}) == 0);
}

TEST_CASE("what is no request is refused, what is no message ends the connection") {
    SessionBench bench;
    TestClient client(bench);
    std::string packet = wire::format_request({.serial = 77, .request = wire::Use{.cookie = 1}});
    packet[0] = 99; // the type
    client.session->receive(packet);
    CHECK(client.reply(77)->error == EOPNOTSUPP);
    packet[0] = 6;
    packet[20] = 2; // a flag that nobody knows
    client.session->receive(packet);
    CHECK(client.reply(77)->error == EINVAL);
    CHECK(!client.channel->hung_up);
    client.session->receive(packet.substr(0, 15));
    CHECK(client.channel->hung_up);
}

TEST_CASE("there is no session any more after its end") {
    SessionBench bench;
    TestClient client(bench);
    client.session->end();
    client.session->end();
    client.send(wire::AcquireVolume{.key = "v"});
    bench.executor.run_all();
    CHECK(client.channel->replies.empty());
    bench.check_base();
}
