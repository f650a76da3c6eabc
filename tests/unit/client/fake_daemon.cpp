// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/client/fake_daemon.hpp"

#include "base/seqpacket.hpp"
#include "protocol/netfs/codec.hpp"
#include "tests/unit/client/fake_object.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace cachefiles::tests {

namespace netfs = protocol::netfs;

FakeDaemon::FakeDaemon(std::filesystem::path socket)
    : path_(std::move(socket)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

FakeDaemon::~FakeDaemon() {
    stop();
}

void FakeDaemon::start() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
    std::filesystem::remove(path_);
    listening_.reset(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    REQUIRE(bind(listening_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
            0);
    REQUIRE(listen(listening_.get(), 16) == 0);
    running_ = true;
    thread_ = std::thread([this] { serve(); });
}

void FakeDaemon::stop() {
    if (!thread_.joinable())
        return;
    {
        const std::lock_guard lock(mutex_);
        running_ = false;
        eventfd_write(wake_.get(), 1);
    }
    thread_.join();
    std::filesystem::remove(path_);
    listening_.reset();
    const std::lock_guard lock(mutex_);
    clients_.clear();
}

void FakeDaemon::drop_clients() {
    const std::lock_guard lock(mutex_);
    for (const std::unique_ptr<Client>& client : clients_)
        client->dead = true;
    eventfd_write(wake_.get(), 1);
}

void FakeDaemon::react(React react) {
    const std::lock_guard lock(mutex_);
    react_ = std::move(react);
}

void FakeDaemon::refuse_once(Type type, int error) {
    const std::lock_guard lock(mutex_);
    refuse_once_[type] = error;
}

void FakeDaemon::serve() {
    std::unique_lock lock(mutex_);
    while (running_) {
        std::erase_if(clients_, [](const std::unique_ptr<Client>& client) { return client->dead; });
        std::vector<pollfd> watched{{wake_.get(), POLLIN, 0}, {listening_.get(), POLLIN, 0}};
        for (const std::unique_ptr<Client>& client : clients_)
            watched.push_back({client->socket.get(), POLLIN, 0});
        lock.unlock();
        poll(watched.data(), watched.size(), -1);
        lock.lock();
        eventfd_t ignored = 0;
        eventfd_read(wake_.get(), &ignored);
        for (std::size_t i = 2; i < watched.size() && running_; ++i) {
            Client& client = *clients_[i - 2];
            while (!client.dead && running_ && serve_client(client)) {
            }
        }
        Fd socket(accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (socket)
            clients_.push_back(std::make_unique<Client>(std::move(socket)));
    }
}

bool FakeDaemon::serve_client(Client& client) {
    std::vector<char> buffer(netfs::max_message);
    const auto packet = receive_packet(client.socket.get(), buffer);
    if (!packet) {
        client.dead = packet.error().kind != PacketFailure::Kind::would_block;
        return false;
    }
    const auto parsed = netfs::parse_request(packet->bytes);
    REQUIRE(parsed);
    const Type type = netfs::type_of(parsed->request);
    requests_.push_back(parsed->request);
    Reaction reaction;
    if (react_)
        reaction = react_(parsed->request);
    if (const auto refused = refuse_once_.find(type); refused != refuse_once_.end()) {
        reaction = {Reaction::Kind::refuse, refused->second};
        refuse_once_.erase(refused);
    }
    changed_.notify_all();

    using Kind = Reaction::Kind;
    Outcome outcome{reaction.error, {}, -1};
    if (reaction.kind == Kind::normal || reaction.kind == Kind::hold ||
        reaction.kind == Kind::die_after)
        outcome = std::visit([&](const auto& request) { return handle(client, request); },
                             parsed->request);
    if (reaction.kind == Kind::die_before || reaction.kind == Kind::die_after) {
        for (const std::unique_ptr<Client>& each : clients_)
            each->dead = true;
        return false;
    }
    if (reaction.kind == Kind::ignore || type == Type::touch)
        return true;
    if (reaction.kind == Kind::babble) {
        static_cast<void>(send_packet(client.socket.get(), "this is no message"));
        return true;
    }
    netfs::Reply answer{type, parsed->serial, outcome.error, std::move(outcome.body)};
    if (reaction.kind == Kind::hold)
        client.held.emplace_back(std::move(answer), Fd(dup(outcome.descriptor)));
    else
        reply(client, answer, outcome.descriptor);
    return true;
}

void FakeDaemon::reply(Client& client, const netfs::Reply& reply, int descriptor) {
    const std::vector<int> descriptors(descriptor >= 0 ? 1 : 0, descriptor);
    const auto sent = send_packet(client.socket.get(), netfs::format_reply(reply), descriptors);
    if (!sent)
        client.dead = true;
}

void FakeDaemon::tell(Client& client, const netfs::Notice& notice) {
    if (!send_packet(client.socket.get(), netfs::format_notice(notice)))
        client.dead = true;
}

void FakeDaemon::release() {
    const std::lock_guard lock(mutex_);
    for (const std::unique_ptr<Client>& client : clients_) {
        for (const auto& [answer, descriptor] : std::exchange(client->held, {}))
            reply(*client, answer, descriptor.get());
    }
}

void FakeDaemon::end_file(Client& client, Cookie& cookie, netfs::FileEnded::Why why) {
    if (cookie.generation == 0)
        return;
    cookie.header->generation.store(cookie.generation + 1);
    tell(client, netfs::FileEnded{cookie.id, std::exchange(cookie.generation, 0), why});
}

void FakeDaemon::invalidate(const std::string& key) {
    const std::lock_guard lock(mutex_);
    disk_.erase(key);
    for (const std::unique_ptr<Client>& client : clients_) {
        for (auto& [id, cookie] : client->cookies) {
            if (cookie.key == key) {
                cookie.object.reset();
                end_file(*client, cookie, netfs::FileEnded::Why::invalidated);
            }
        }
    }
}

void FakeDaemon::discard_data(const std::string& key) {
    const std::lock_guard lock(mutex_);
    for (const std::unique_ptr<Client>& client : clients_) {
        for (auto& [id, cookie] : client->cookies) {
            if (cookie.key == key && cookie.generation != 0)
                cookie.words()->store(0);
        }
    }
    disk_.at(key)->present.clear();
}

void FakeDaemon::store_unseen(const std::string& key, std::uint64_t block) {
    const std::lock_guard lock(mutex_);
    disk_.at(key)->present.insert(block);
}

void FakeDaemon::withdraw() {
    const std::lock_guard lock(mutex_);
    cache_online_ = false;
    for (const std::unique_ptr<Client>& client : clients_) {
        for (auto& [id, cookie] : client->cookies) {
            cookie.object.reset();
            end_file(*client, cookie, netfs::FileEnded::Why::withdrawn);
        }
        tell(*client, netfs::CacheStateChanged{false, "fake"});
    }
}

void FakeDaemon::come_back() {
    const std::lock_guard lock(mutex_);
    cache_online_ = true;
    for (const std::unique_ptr<Client>& client : clients_)
        tell(*client, netfs::CacheStateChanged{true, "fake"});
}

void FakeDaemon::forget_disk() {
    const std::lock_guard lock(mutex_);
    disk_.clear();
}

std::vector<FakeDaemon::Request> FakeDaemon::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

std::size_t FakeDaemon::count(Type type) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count(requests_, type, netfs::type_of));
}

void FakeDaemon::clear_requests() {
    const std::lock_guard lock(mutex_);
    requests_.clear();
}

void FakeDaemon::wait_for(Type type, std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
        return static_cast<std::size_t>(std::ranges::count(requests_, type, netfs::type_of)) >=
               count;
    });
}

std::optional<FakeDaemon::Use> FakeDaemon::use_of(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    for (const std::unique_ptr<Client>& client : clients_) {
        for (const auto& [id, cookie] : client->cookies) {
            if (!client->dead && cookie.key == key)
                return cookie.use;
        }
    }
    return std::nullopt;
}

std::optional<std::string> FakeDaemon::aux_of(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = disk_.find(key);
    return found == disk_.end() ? std::nullopt : std::optional(found->second->aux);
}

std::string FakeDaemon::bytes_of(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const Object& object = *disk_.at(key);
    std::string bytes(object.size, '\0');
    REQUIRE(::pread(object.file.get(), bytes.data(), bytes.size(), 0) ==
            static_cast<ssize_t>(bytes.size()));
    return bytes;
}

} // namespace cachefiles::tests
