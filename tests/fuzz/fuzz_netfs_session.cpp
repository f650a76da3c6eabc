// SPDX-License-Identifier: GPL-2.0-or-later
// The input is what some clients do, in one order: their packets, jobs of the executor in between,
// what happens to the cache and its disk, and clients that die.
#include "cache/model.hpp"
#include "daemon/netfs/session.hpp"
#include "tests/fuzz/require.hpp"
#include "tests/unit/cache/fake_backend.hpp"
#include "tests/unit/cache/scripted_executor.hpp"
#include "tests/unit/simulated_clock.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>

using namespace cachefiles;
namespace netfs = daemon::netfs;
namespace wire = protocol::netfs;

namespace {

/// Zeros when there is no more.
class Input final {
public:
    explicit Input(std::string_view bytes) : rest_(bytes) {}

    [[nodiscard]] bool empty() const { return rest_.empty(); }
    std::uint8_t byte() {
        if (rest_.empty())
            return 0;
        const auto value = static_cast<std::uint8_t>(rest_.front());
        rest_.remove_prefix(1);
        return value;
    }
    bool flag() { return byte() % 2 != 0; }
    std::string text() {
        const std::string_view found = rest_.substr(0, byte() % 8U);
        rest_.remove_prefix(std::min(found.size(), rest_.size()));
        return std::string(found);
    }
    std::string packet() {
        const std::string_view found = rest_.substr(0, byte());
        rest_.remove_prefix(std::min(found.size(), rest_.size()));
        return std::string(found);
    }
    /// Sizes and offsets: near the blocks' ends, and absurd ones.
    std::uint64_t size() {
        const std::uint64_t value = byte();
        if (value >= 0xf0)
            return UINT64_MAX >> (value & 0xfU);
        return (value >> 2) * wire::block_size + (value & 3U) - 1;
    }

private:
    std::string_view rest_;
};

/// Every request has one reply; no reply, no request.
class Client final : public netfs::Channel {
public:
    void send(netfs::Packet packet) override {
        const std::optional<wire::FromDaemon> parsed = wire::parse_from_daemon(packet.bytes);
        require(parsed.has_value());
        if (const auto* const reply = std::get_if<wire::Reply>(&*parsed))
            take(*reply);
    }
    void hang_up() override { hung_up = true; }

    void take(const wire::Reply& reply) {
        const auto asked = waiting.find({reply.serial, reply.type});
        require(asked != waiting.end());
        waiting.erase(asked);
        require(reply.error == 0 || std::holds_alternative<wire::Empty>(reply.body));
        if (const auto* const opened = std::get_if<wire::OpenReply>(&reply.body)) {
            require(opened->generation != 0 && opened->generation % 2 == 0);
            generation = opened->generation;
        }
        if (const auto* const granted = std::get_if<wire::PrepareWriteReply>(&reply.body)) {
            require(granted->length != 0);
            last = *granted;
        }
    }
    void ask(const std::string& packet) {
        const auto parsed = wire::parse_request(packet);
        if (parsed && wire::type_of(parsed->request) != wire::Type::touch)
            waiting.emplace(parsed->serial, wire::type_of(parsed->request));
        else if (!parsed && parsed.error().serial)
            waiting.emplace(*parsed.error().serial, parsed.error().type);
        session->receive(packet);
    }

    std::shared_ptr<netfs::Session> session;
    std::multiset<std::pair<std::uint32_t, wire::Type>> waiting;
    std::uint32_t serial = 0;
    std::uint64_t generation = 0;
    wire::PrepareWriteReply last;
    bool hung_up = false;
};

netfs::Limits small_limits() {
    netfs::Limits limits;
    limits.client = {.volumes = 2,
                     .cookies = 4,
                     .files = 3,
                     .grants = 3,
                     .granted_bytes = 16 * wire::block_size,
                     .arena_bytes = 2 * netfs::Arena::step,
                     .queued_bytes = 1 << 20};
    limits.total = {.volumes = 3,
                    .cookies = 6,
                    .files = 5,
                    .grants = 5,
                    .granted_bytes = 24 * wire::block_size,
                    .arena_bytes = 4 * netfs::Arena::step,
                    .queued_bytes = 1 << 20};
    limits.pending_requests = 6;
    limits.uses = 8;
    limits.grant_bytes = 8 * wire::block_size;
    limits.map_blocks = 1 << 19; // takes more than a step
    return limits;
}

class World final {
public:
    explicit World(std::string_view input) : input_(input) { bind(); }

    void run() {
        for (int step = 0; step < 400 && !input_.empty(); ++step)
            act();
        executor_.run_all();
        for (const std::shared_ptr<Client>& client : clients_)
            require(!client || client->waiting.empty());
        finish();
    }

private:
    void act() {
        const std::uint8_t what = input_.byte();
        if (what < 0x60)
            run_job();
        else if (what < 0xe0)
            ask(client(), what);
        else if (what < 0xe8)
            raw(client());
        else if (what < 0xf0)
            end(input_.byte() % clients_.size());
        else
            act_on_cache(what);
    }
    void run_job() {
        if (executor_.pending() > 0)
            executor_.run(input_.byte() % executor_.pending());
    }
    void act_on_cache(std::uint8_t what) {
        switch (what & 0xfU) {
        case 0:
            bind();
            break;
        case 1:
            if (cache_)
                static_cast<void>(model_.withdraw_cache(cache_, {}));
            break;
        case 2:
            if (cache_)
                model_.io_error(cache_, "injected");
            break;
        case 3:
            executor_.advance(cache::Lru::default_timeout);
            break;
        case 4:
            disk_.no_lookups = input_.flag();
            break;
        case 5:
            disk_.no_creation = input_.flag();
            break;
        case 6:
            disk_.no_invalidation = input_.flag();
            break;
        case 7:
            disk_.no_space = input_.flag();
            break;
        case 8:
            disk_.no_volumes = input_.flag();
            break;
        default:
            executor_.run_all();
            break;
        }
    }
    void bind() {
        const auto cache = model_.prepare_cache("cache");
        if (!cache)
            return;
        cache_ = *cache;
        model_.activate_cache(cache_, std::make_shared<tests::FakeBackend>(disk_));
    }

    /// One that has said Hello, if it is new.
    Client& client() {
        std::shared_ptr<Client>& client = clients_[input_.byte() % clients_.size()];
        if (client && client->hung_up)
            end_client(client);
        if (!client) {
            client = std::make_shared<Client>();
            const netfs::Budget budget(services_.limits.client, total_);
            client->session = netfs::Session::make(services_, client, 1000, budget);
            if (input_.flag())
                send(*client, wire::Hello{});
        }
        return *client;
    }
    static void send(Client& client, wire::Request request) {
        client.ask(
            wire::format_request({.serial = ++client.serial, .request = std::move(request)}));
    }
    void raw(Client& client) { client.ask(input_.packet()); }

    std::uint32_t number() { return input_.byte() % 12U; }
    std::optional<std::string> maybe_aux() {
        return input_.flag() ? std::optional(input_.text()) : std::nullopt;
    }
    std::optional<std::uint64_t> maybe_size() {
        return input_.flag() ? std::optional(input_.size()) : std::nullopt;
    }
    std::string key() { return std::string(1, static_cast<char>('a' + input_.byte() % 3)); }
    std::uint64_t generation(const Client& client) {
        return input_.byte() % 8 != 0 ? client.generation : input_.byte();
    }

    void ask(Client& client, std::uint8_t what) {
        switch (what % 16) {
        case 0:
            return send(client, wire::Hello{.oldest = input_.byte(), .newest = input_.byte()});
        case 1:
            return send(client, wire::AcquireVolume{.key = key(), .coherency = input_.text()});
        case 2:
            return send(client, wire::RelinquishVolume{.volume = number(),
                                                       .coherency = maybe_aux(),
                                                       .invalidate = input_.flag()});
        case 3:
            return send(client, wire::AcquireCookie{.volume = number(),
                                                    .key = key(),
                                                    .aux = input_.text(),
                                                    .size = input_.size()});
        case 4:
            return send(client,
                        wire::RelinquishCookie{.cookie = number(), .retire = input_.flag()});
        case 5:
            return send(client, wire::Use{.cookie = number(), .will_modify = input_.flag()});
        case 6:
            return send(client,
                        wire::Unuse{.cookie = number(), .aux = maybe_aux(), .size = maybe_size()});
        case 7:
            return send(client,
                        wire::Update{.cookie = number(), .aux = maybe_aux(), .size = maybe_size()});
        case 8:
            return send(client, wire::Resize{.cookie = number(), .size = input_.size()});
        case 9:
            return send(client, wire::Invalidate{.cookie = number(),
                                                 .aux = maybe_aux(),
                                                 .size = input_.size(),
                                                 .direct_write = input_.flag()});
        case 10:
        case 11:
            return send(client, wire::Open{.cookie = number()});
        case 12:
            return send(client,
                        wire::PrepareWrite{.cookie = number(),
                                           .purpose = input_.flag() ? wire::WritePurpose::modify
                                                                    : wire::WritePurpose::fill,
                                           .generation = generation(client),
                                           .start = input_.size(),
                                           .length = input_.size()});
        case 13:
            return commit(client);
        case 14:
            return send(client, wire::Touch{.cookies = {number(), number()}});
        default:
            return input_.flag()
                       ? send(client, wire::NotePageRelease{.cookie = number()})
                       : send(client, wire::List{.what = wire::List::What{static_cast<std::uint8_t>(
                                                     input_.byte() % 4U)},
                                                 .first = input_.byte()});
        }
    }
    void commit(Client& client) {
        if (input_.flag())
            send(client, wire::CommitWrite{.grant = client.last.grant,
                                           .start = client.last.start,
                                           .length = client.last.length});
        else
            send(client, wire::CommitWrite{
                             .grant = number(), .start = input_.size(), .length = input_.size()});
    }

    static void end_client(std::shared_ptr<Client>& client) {
        client->session->end();
        client->session.reset(); // it has the channel
        client.reset();
    }
    void end(std::size_t which) {
        if (clients_[which])
            end_client(clients_[which]);
    }

    void finish() {
        for (std::size_t i = 0; i < clients_.size(); ++i)
            end(i);
        executor_.run_all();
        require(model_.cookies().empty());
        require(model_.volumes().empty());
        require(registry_.cookies() == 0);
        registry_.sweep();
        require(total_.idle());
        require(disk_.live_objects == 0);
        require(disk_.live_volumes == 0);
        static_cast<void>(model_.withdraw_cache(cache_, {}));
        executor_.run_all();
        require(model_.caches().empty());
        require(disk_.offences.empty());
    }

    Input input_;
    tests::SimulatedClock clock_;
    NullLog log_;
    tests::FakeDisk disk_;
    tests::ScriptedExecutor executor_{clock_};
    netfs::Registry registry_{executor_};
    cache::Model model_{
        {.executor = executor_,
         .clock = clock_,
         .log = log_,
         .on_state = [this](const cache::Cookie& cookie,
                            protocol::CookieState from) { registry_.state_changed(cookie, from); },
         .on_cache_state =
             [this](const cache::CacheRecord& record) {
                 registry_.cache_changed(record);
             }}};
    netfs::Services services_{.model = model_,
                              .executor = executor_,
                              .registry = registry_,
                              .log = log_,
                              .limits = small_limits()};
    netfs::Budget total_{services_.limits.total};
    cache::CachePtr cache_;
    std::array<std::shared_ptr<Client>, 3> clients_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    World(as_text(data, size)).run();
    return 0;
}
