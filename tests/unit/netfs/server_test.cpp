// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/error.hpp"
#include "tests/unit/netfs/client_arena.hpp"
#include "tests/unit/netfs/server_bench.hpp"

#include <doctest/doctest.h>

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

using namespace cachefiles;
using namespace cachefiles::tests;

namespace {

std::size_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// The open file of a cookie that is in use.
wire::OpenReply open_file(SocketClient& client, const std::string& key = "k") {
    const wire::Reply volume = client.ask(wire::AcquireVolume{.key = "v" + key});
    REQUIRE(volume.error == 0);
    const wire::Reply cookie = client.ask(
        wire::AcquireCookie{.volume = std::get<wire::AcquireVolumeReply>(volume.body).volume,
                            .key = key,
                            .size = 1 << 20});
    REQUIRE(cookie.error == 0);
    const std::uint32_t number = std::get<wire::AcquireCookieReply>(cookie.body).cookie;
    CHECK(client.error(wire::Use{.cookie = number}) == 0);
    const wire::Reply opened = client.ask(wire::Open{.cookie = number});
    REQUIRE(opened.error == 0);
    return std::get<wire::OpenReply>(opened.body);
}

} // namespace

TEST_CASE("a client gets its arena and its files") {
    ServerBench bench;
    SocketClient client = bench.client();
    const wire::Reply reply = client.ask(wire::Hello{.name = "test"});
    const auto hello = std::get<wire::HelloReply>(reply.body);
    const Fd arena = std::move(client.descriptor);
    REQUIRE(arena);
    const ClientArena mapped(arena, hello.arena_size);
    const wire::OpenReply opened = open_file(client);
    CHECK(mapped.header(opened.slot).generation == opened.generation);
    char byte = 'x';
    CHECK(pread(client.descriptor.get(), &byte, 1, 0) == 1); // /dev/zero
    CHECK(byte == 0);
    CHECK(bench.server->status().clients == 1);
}

TEST_CASE("whoever sends what is no message is hung up on, and nobody else") {
    ServerBench bench;
    SocketClient good = bench.client();
    CHECK(good.hello());
    const std::string use = wire::format_request({.serial = 1, .request = wire::Use{}});
    const std::vector<std::string> bad{
        "x",
        std::string(wire::header_size, '\0'),
        std::string(wire::max_message, '\xff'),
        use.substr(0, use.size() - 1),
        use + "x",
        std::string(wire::max_message + 1, 'x'),
        std::string(100'000, '\0'),
    };
    for (const std::string& packet : bad) {
        SocketClient client = bench.client();
        CHECK(client.send(packet));
        CHECK(client.ended());
        SocketClient late = bench.client(); // after Hello, too
        CHECK(late.hello());
        CHECK(late.send(packet));
        CHECK(late.ended());
    }
    CHECK(good.error(wire::AcquireVolume{.key = "v"}) == 0);
}

TEST_CASE("descriptors that a client sends are closed, and it is hung up on") {
    ServerBench bench;
    const Fd sent(open("/dev/null", O_RDONLY | O_CLOEXEC));
    { // whatever the server opens once
        SocketClient first = bench.client();
        CHECK(first.hello());
    }
    SocketClient witness = bench.client();
    CHECK(witness.hello());
    const std::size_t before = open_descriptors();
    for (int i = 0; i < 50; ++i) {
        SocketClient client = bench.client();
        const std::vector<int> descriptors(max_packet_descriptors, sent.get());
        CHECK(client.send(wire::format_request({.serial = 1, .request = wire::Hello{}}),
                          descriptors));
        CHECK(client.ended());
    }
    CHECK(witness.error(wire::List{}) == 0);
    CHECK(open_descriptors() <= before); // the first client may have gone meanwhile
}

TEST_CASE("clients that say nothing harm nobody") {
    ServerBench bench;
    std::vector<SocketClient> silent;
    for (int i = 0; i < 50; ++i)
        silent.push_back(bench.client());
    SocketClient client = bench.client();
    CHECK(client.hello());
    for (std::size_t i = 0; i < silent.size(); i += 2)
        silent[i].socket.reset();
    CHECK(client.error(wire::List{}) == 0);
    CHECK(silent[1].hello());
}

TEST_CASE("a client that never reads is hung up on, and its things are let go of") {
    netfs::Limits limits;
    limits.queued_packets = 100;
    ServerBench bench(limits);
    SocketClient lazy = bench.client();
    CHECK(lazy.hello());
    open_file(lazy);
    std::uint32_t sent = 0;
    while (sent < 1'000'000 && lazy.send(wire::Open{.cookie = 2}, ++sent)) {
    }
    CHECK(sent > limits.queued_packets);
    CHECK(sent < 1'000'000);
    SocketClient next = bench.client();
    CHECK(next.hello());
    CHECK(next.error(wire::AcquireVolume{.key = "vk"}) == 0);
}

TEST_CASE("a client that reads late gets everything, in order") {
    ServerBench bench;
    SocketClient client = bench.client();
    CHECK(client.hello());
    constexpr std::uint32_t requests = 900; // more than the socket takes, less than the limit
    for (std::uint32_t serial = 1; serial <= requests; ++serial)
        REQUIRE(client.send(wire::List{.what = wire::List::What::stats}, 1000 + serial));
    for (std::uint32_t serial = 1; serial <= requests; ++serial) {
        const std::optional<wire::FromDaemon> got = client.receive();
        REQUIRE(got);
        REQUIRE(std::get<wire::Reply>(*got).serial == 1000 + serial);
    }
    CHECK(client.error(wire::List{}) == 0);
}

TEST_CASE("what a client had is free when it is gone, however it went") {
    ServerBench bench;
    for (int i = 0; i < 20; ++i) {
        SocketClient client = bench.client();
        CHECK(client.hello());
        open_file(client); // would fail if the one before still had it; it may wait for its end
        client.send(wire::Open{.cookie = 2}, 77); // and goes without waiting
    }
}

TEST_CASE("one client that floods does not starve another") {
    ServerBench bench;
    SocketClient flood = bench.client();
    CHECK(flood.hello());
    std::atomic<bool> done{false};
    std::thread reader([&flood] { flood.ended(); });
    std::thread writer([&flood, &done] {
        while (!done)
            flood.send(wire::Touch{.cookies = {1, 2, 3}}, 0);
    });
    SocketClient client = bench.client();
    CHECK(client.hello());
    for (int i = 0; i < 500; ++i)
        REQUIRE(client.error(wire::List{}) == 0);
    done = true;
    writer.join();
    shutdown(flood.socket.get(), SHUT_RDWR);
    reader.join();
}

TEST_CASE("no more connect than there is room for, and those are served") {
    netfs::Limits limits;
    limits.connections = 100;
    ServerBench bench(limits);
    std::vector<SocketClient> clients;
    for (int i = 0; i < 100; ++i)
        clients.push_back(bench.client());
    for (SocketClient& client : clients)
        REQUIRE(client.hello());
    for (int i = 0; i < 10; ++i)
        CHECK(bench.client().ended());
    CHECK(bench.server->status().refused == 10);
    CHECK(bench.server->status().clients == 100);
    clients.erase(clients.begin() + 50, clients.end());
    CHECK(clients.front().error(wire::List{}) == 0);
    while (!bench.client().hello()) { // until the server has seen them go
    }
}

TEST_CASE("one user cannot take all connections") {
    if (geteuid() != 0) {
        MESSAGE("skipped: needs root, to be somebody else as well");
        return;
    }
    netfs::Limits limits;
    limits.connections_of_user = 3;
    ServerBench bench(limits);
    std::filesystem::permissions(bench.directory.path(), std::filesystem::perms::all);
    std::atomic<uid_t> asked{0};
    bench.services.may_use_volume = [&asked](const std::string&, const std::string&, uid_t user) {
        asked = user;
        return false;
    };
    std::vector<SocketClient> clients;
    std::thread([&] { // credentials are a thread's
        REQUIRE(syscall(SYS_setresuid, -1, 1234, -1) == 0);
        for (int i = 0; i < 5; ++i)
            clients.push_back(bench.client());
    })
        .join();
    int served = 0;
    for (SocketClient& client : clients)
        served += client.hello() ? 1 : 0;
    CHECK(served == 3);
    CHECK(clients[0].error(wire::AcquireVolume{.key = "v"}) == EACCES);
    CHECK(asked == 1234);
    SocketClient root = bench.client();
    CHECK(root.hello());
    CHECK(root.error(wire::AcquireVolume{.key = "v"}) == 0);
}

TEST_CASE("the server goes on when there are no descriptors left") {
    ServerBench bench;
    SocketClient before = bench.client();
    CHECK(before.hello());
    // By its reply the server has closed what it sent with the one before.
    CHECK(before.error(wire::List{}) == 0);
    std::vector<Fd> sockets;
    for (int i = 0; i < 5; ++i)
        sockets.push_back(ServerBench::new_socket());
    rlimit normal{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &normal) == 0);
    // Descriptors are given out from the lowest that is free: one below this is the last.
    const Fd last(dup(sockets.back().get()));
    std::vector<Fd> plugs;
    plugs.reserve(static_cast<std::size_t>(last.get()));
    const rlimit low{static_cast<rlim_t>(last.get()) + 1, normal.rlim_max};
    REQUIRE(setrlimit(RLIMIT_NOFILE, &low) == 0);
    for (;;) {
        Fd plug(dup(last.get()));
        if (!plug)
            break;
        plugs.push_back(std::move(plug));
    }
    bool connected = true;
    bool ended = true;
    std::vector<SocketClient> refused;
    for (Fd& socket : sockets) {
        connected = connected && bench.connect_to(socket);
        refused.emplace_back(std::move(socket)); // stays open: its number is not free
        ended = ended && refused.back().ended();
    }
    plugs.clear();
    REQUIRE(setrlimit(RLIMIT_NOFILE, &normal) == 0);
    CHECK(connected);
    CHECK(ended);
    CHECK(bench.server->status().refused >= 5);
    CHECK(before.error(wire::List{}) == 0);
    CHECK(bench.client().hello());
}

TEST_CASE("many connections, one after another") {
    const char* const wanted = std::getenv("CACHEFILES_TEST_CONNECTIONS");
    const int count = wanted != nullptr ? std::atoi(wanted) : 1'000;
    ServerBench bench;
    for (int i = 0; i < count; ++i) {
        SocketClient client = bench.client();
        if (i % 3 == 0)
            continue; // says nothing
        REQUIRE(client.hello());
        if (i % 3 == 1)
            client.send(wire::AcquireVolume{.key = std::to_string(i)}, 1); // and is gone
    }
    SocketClient client = bench.client();
    CHECK(client.hello());
    CHECK(bench.server->status().accepted == static_cast<std::uint64_t>(count) + 1);
}

TEST_CASE("the server stops with its clients, and another takes its place") {
    ServerBench bench;
    SocketClient client = bench.client();
    CHECK(client.hello());
    open_file(client);
    bench.server->stop();
    CHECK(client.ended());
    CHECK(bench.server->status().clients == 0);
    bench.server.reset();
    bench.start(); // over the socket that was left
    SocketClient next = bench.client();
    CHECK(next.hello());
    open_file(next);
}

TEST_CASE("a socket is listened at only if nobody else does") {
    ServerBench bench;
    struct stat status{};
    REQUIRE(stat(bench.path.c_str(), &status) == 0);
    CHECK(status.st_mode == (S_IFSOCK | 0666));
    CHECK_THROWS_AS(static_cast<void>(netfs::listen_at(bench.path)), SystemError);
    const std::string file = bench.directory.path() / "file";
    std::ofstream(file) << "important";
    CHECK_THROWS_AS(static_cast<void>(netfs::listen_at(file)), SystemError);
    CHECK(std::filesystem::exists(file));
    CHECK_THROWS_AS(static_cast<void>(netfs::listen_at(std::string(200, 'x'))), SystemError);
    CHECK_THROWS_AS(static_cast<void>(netfs::listen_at("/no/such/directory/netfs")), SystemError);
    const Fd mine = netfs::listen_at(bench.directory.path() / "mine", 0600);
    REQUIRE(stat((bench.directory.path() / "mine").c_str(), &status) == 0);
    CHECK(status.st_mode == (S_IFSOCK | 0600));
    CHECK(bench.client().hello());
}

TEST_CASE("an inherited descriptor must be such a socket") {
    const TemporaryDirectory directory;
    Fd listening = netfs::listen_at(directory.path() / "netfs");
    CHECK(netfs::check_listener(std::move(listening)));
    CHECK_THROWS_AS(static_cast<void>(netfs::check_listener(Fd(open("/dev/null", O_RDONLY)))),
                    SystemError);
    CHECK_THROWS_AS(static_cast<void>(netfs::check_listener(ServerBench::new_socket())),
                    SystemError);
    CHECK_THROWS_AS(static_cast<void>(netfs::check_listener(Fd(socket(AF_UNIX, SOCK_STREAM, 0)))),
                    SystemError);
}
