// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/model.hpp"
#include "daemon/netfs/session.hpp"
#include "tests/unit/cache/fake_backend.hpp"
#include "tests/unit/cache/scripted_executor.hpp"
#include "tests/unit/recording_log.hpp"
#include "tests/unit/simulated_clock.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace cachefiles::tests {

namespace netfs = daemon::netfs;
namespace wire = protocol::netfs;

/// What a client gets, in its order.
class RecordingChannel final : public netfs::Channel {
public:
    void send(netfs::Packet packet) override {
        const std::optional<wire::FromDaemon> parsed = wire::parse_from_daemon(packet.bytes);
        REQUIRE(parsed);
        if (const auto* const reply = std::get_if<wire::Reply>(&*parsed))
            replies.push_back(*reply);
        else
            notices.push_back(std::get<wire::Notice>(*parsed));
        if (packet.descriptor >= 0)
            descriptors.push_back(std::move(packet));
    }
    void hang_up() override { hung_up = true; }

    std::deque<wire::Reply> replies;
    std::deque<wire::Notice> notices;
    std::vector<netfs::Packet> descriptors;
    bool hung_up = false;
};

/// A model on a fake disk, whose clients are sessions.
class SessionBench {
public:
    SimulatedClock clock;
    RecordingLog log;
    ScriptedExecutor executor{clock};
    FakeDisk disk;
    netfs::Registry registry{executor};
    cache::Model model{
        {.executor = executor,
         .clock = clock,
         .log = log,
         .on_state = [this](const cache::Cookie& cookie,
                            protocol::CookieState from) { registry.state_changed(cookie, from); },
         .on_cache_state =
             [this](const cache::CacheRecord& record) {
                 registry.cache_changed(record);
             }}};
    netfs::Services services{
        .model = model, .executor = executor, .registry = registry, .log = log};
    std::optional<netfs::Budget> total;
    cache::CachePtr cache;

    explicit SessionBench(const netfs::Limits& limits = {}, bool bound = true) {
        services.limits = limits;
        total.emplace(limits.total);
        if (bound)
            bind();
        executor.run_all();
    }

    void bind() {
        cache = model.prepare_cache("cache").value();
        model.activate_cache(cache, std::make_shared<FakeBackend>(disk));
    }
    void withdraw() {
        CHECK(model.withdraw_cache(cache, {}));
        executor.run_all();
    }
    /// Nothing of any client is left.
    void check_base() {
        executor.run_all();
        CHECK(model.cookies().empty());
        CHECK(model.volumes().empty());
        CHECK(registry.cookies() == 0);
        registry.sweep();
        CHECK(total->idle());
        CHECK(disk.offences.empty());
        CHECK(disk.live_objects == 0);
    }
};

/// A client: what it asks, and the answers. Numbers of things are the session's.
class TestClient {
public:
    explicit TestClient(SessionBench& bench, uid_t user = 1000, bool hello = true)
        : bench_(bench), budget_(bench.services.limits.client, *bench.total),
          channel(std::make_shared<RecordingChannel>()),
          session(netfs::Session::make(bench.services, channel, user, budget_)) {
        if (hello)
            CHECK(ask(wire::Hello{.name = "test"}).error == 0);
    }
    ~TestClient() { session->end(); }
    TestClient(const TestClient&) = delete;
    TestClient& operator=(const TestClient&) = delete;

    std::uint32_t send(wire::Request request) {
        session->receive(
            wire::format_request({.serial = ++serial_, .request = std::move(request)}));
        return serial_;
    }
    /// Its reply, if it has come.
    std::optional<wire::Reply> reply(std::uint32_t serial) {
        for (auto it = channel->replies.begin(); it != channel->replies.end(); ++it) {
            if (it->serial == serial) {
                wire::Reply found = *it;
                channel->replies.erase(it);
                return found;
            }
        }
        return std::nullopt;
    }
    wire::Reply ask(wire::Request request) {
        const wire::Type type = wire::type_of(request);
        const std::uint32_t serial = send(std::move(request));
        bench_.executor.run_all();
        const std::optional<wire::Reply> got = reply(serial);
        REQUIRE(got);
        CHECK(got->type == type);
        return *got;
    }
    int error(wire::Request request) { return ask(std::move(request)).error; }

    std::uint32_t volume(const std::string& key = "v") {
        const wire::Reply got = ask(wire::AcquireVolume{.key = key, .coherency = "c"});
        REQUIRE(got.error == 0);
        return std::get<wire::AcquireVolumeReply>(got.body).volume;
    }
    std::uint32_t cookie(std::uint32_t volume, const std::string& key = "k",
                         std::uint64_t size = 1 << 20, const std::string& aux = "a") {
        const wire::Reply got =
            ask(wire::AcquireCookie{.volume = volume, .key = key, .aux = aux, .size = size});
        REQUIRE(got.error == 0);
        return std::get<wire::AcquireCookieReply>(got.body).cookie;
    }
    std::uint32_t used_cookie(std::uint32_t volume, const std::string& key = "k",
                              bool modify = false) {
        const std::uint32_t number = cookie(volume, key);
        CHECK(error(wire::Use{.cookie = number, .will_modify = modify}) == 0);
        return number;
    }
    wire::OpenReply open(std::uint32_t cookie) {
        const wire::Reply got = ask(wire::Open{.cookie = cookie});
        REQUIRE(got.error == 0);
        return std::get<wire::OpenReply>(got.body);
    }
    wire::PrepareWriteReply prepare(std::uint32_t cookie, std::uint64_t generation,
                                    std::uint64_t start = 0, std::uint64_t length = 1) {
        const wire::Reply got = ask(wire::PrepareWrite{
            .cookie = cookie, .generation = generation, .start = start, .length = length});
        REQUIRE(got.error == 0);
        return std::get<wire::PrepareWriteReply>(got.body);
    }
    template<typename Notice>
    std::optional<Notice> notice() {
        if (channel->notices.empty() || !std::holds_alternative<Notice>(channel->notices.front()))
            return std::nullopt;
        const auto got = std::get<Notice>(channel->notices.front());
        channel->notices.pop_front();
        return got;
    }

private:
    SessionBench& bench_;
    netfs::Budget budget_;
    std::uint32_t serial_ = 0;

public:
    std::shared_ptr<RecordingChannel> channel;
    std::shared_ptr<netfs::Session> session;
};

} // namespace cachefiles::tests
