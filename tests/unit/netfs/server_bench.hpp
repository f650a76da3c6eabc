// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/seqpacket.hpp"
#include "cache/model.hpp"
#include "cache/thread_executor.hpp"
#include "daemon/netfs/listener.hpp"
#include "daemon/netfs/server.hpp"
#include "tests/unit/cache/fake_backend.hpp"
#include "tests/unit/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace cachefiles::tests {

namespace netfs = daemon::netfs;
namespace wire = protocol::netfs;

/// The other end of a connection; its calls block.
class SocketClient {
public:
    explicit SocketClient(Fd connected) : socket(std::move(connected)) {}

    bool send(const std::string& bytes, std::span<const int> descriptors = {}) {
        return send_packet(socket.get(), bytes, descriptors).has_value();
    }
    bool send(wire::Request request, std::uint32_t serial) {
        return send(wire::format_request({.serial = serial, .request = std::move(request)}));
    }
    /// Nothing: the connection has ended.
    std::optional<wire::FromDaemon> receive() {
        std::array<char, wire::max_message> buffer{};
        std::expected<ReceivedPacket, PacketFailure> packet =
            receive_packet(socket.get(), buffer, 1);
        if (!packet)
            return std::nullopt;
        if (!packet->descriptors.empty())
            descriptor = std::move(packet->descriptors.front());
        return wire::parse_from_daemon(packet->bytes);
    }
    /// The reply to that; notices are passed over. An error of -1: the connection has ended.
    wire::Reply ask(wire::Request request) {
        send(std::move(request), ++serial_);
        while (const std::optional<wire::FromDaemon> got = receive()) {
            const auto* const reply = std::get_if<wire::Reply>(&*got);
            if (reply != nullptr && reply->serial == serial_)
                return *reply;
        }
        return {.error = -1, .body = {}};
    }
    int error(wire::Request request) { return ask(std::move(request)).error; }
    bool hello() { return error(wire::Hello{.name = "test"}) == 0; }
    /// Everything that is still to come is read; true when the end comes.
    bool ended() {
        while (receive()) {
        }
        return true;
    }

    Fd socket;
    Fd descriptor; ///< the last one that came

private:
    std::uint32_t serial_ = 0;
};

/// A server with its own thread, over a model whose jobs run on another one.
class ServerBench {
public:
    TemporaryDirectory directory;
    const std::string path = directory.path() / "netfs";
    SystemClock clock;
    NullLog log;
    FakeDisk disk; // the executor's
    std::optional<cache::ThreadExecutor> executor{std::in_place, 1};
    netfs::Registry registry{*executor};
    cache::Model model{
        {.executor = *executor,
         .clock = clock,
         .log = log,
         .on_state = [this](const cache::Cookie& cookie,
                            protocol::CookieState from) { registry.state_changed(cookie, from); },
         .on_cache_state =
             [this](const cache::CacheRecord& record) {
                 registry.cache_changed(record);
             }}};
    netfs::Services services{
        .model = model, .executor = *executor, .registry = registry, .log = log};
    Fd file{open("/dev/zero", O_RDWR | O_CLOEXEC)};
    std::optional<netfs::Server> server;

    explicit ServerBench(const netfs::Limits& limits = {}) {
        services.limits = limits;
        disk.descriptor = file.get();
        model.activate_cache(model.prepare_cache("cache").value(),
                             std::make_shared<FakeBackend>(disk));
        start();
    }
    /// Nothing is left when everybody has gone.
    ~ServerBench() {
        server.reset();
        executor.reset();
        CHECK(model.volumes().empty());
        CHECK(registry.cookies() == 0);
        CHECK(disk.offences.empty());
        CHECK(disk.live_objects == 0);
    }
    ServerBench(const ServerBench&) = delete;
    ServerBench& operator=(const ServerBench&) = delete;

    void start() {
        server.emplace(netfs::listen_at(path), services, clock);
        server->start();
    }

    static Fd new_socket() { return Fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)); }
    [[nodiscard]] bool connect_to(const Fd& socket) const {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
        return connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
               0;
    }
    [[nodiscard]] SocketClient client() const {
        Fd socket = new_socket();
        REQUIRE(connect_to(socket));
        return SocketClient(std::move(socket));
    }
};

} // namespace cachefiles::tests
