// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/netfs/server.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <exception>
#include <utility>

namespace cachefiles::daemon::netfs {
namespace {

using namespace std::chrono_literals;

// What epoll calls things.
constexpr std::uint64_t listening_key = 0;
constexpr std::uint64_t wake_key = 1;

constexpr std::size_t events_in_a_turn = 64;
constexpr int accepts_in_a_turn = 64; // then those who are in have their turn

/// Beyond so many, those who have nothing any more are forgotten.
constexpr std::size_t most_idle_users = 64;

/// When nothing can be accepted, not even to be refused, it is tried again after that long.
constexpr int pause_ms = 100;

constexpr auto between_warnings = 60s;

/// For what is under way to a client: some 100 packets. So many descriptors at most are in its
/// queue, which count against the system's limit for this process.
constexpr int send_buffer = 64 << 10;

Fd spare_descriptor() {
    return Fd(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

} // namespace

Server::Server(Fd listening, const Services& services, const Clock& clock)
    : services_(services), clock_(clock), listening_(std::move(listening)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      spare_(spare_descriptor()), refusals_(between_warnings), troubles_(between_warnings),
      total_(services.limits.total), last_key_(wake_key) {
    if (!epoll_ || !wake_)
        throw SystemError("cannot serve the netfs socket");
    watch(EPOLL_CTL_ADD, listening_.get(), listening_key, EPOLLIN);
    watch(EPOLL_CTL_ADD, wake_.get(), wake_key, EPOLLIN);
}

Server::~Server() {
    stop();
}

void Server::start() {
    thread_ = std::thread([this] { loop(); });
}

void Server::stop() {
    stopping_ = true;
    eventfd_write(wake_.get(), 1);
    if (thread_.joinable())
        thread_.join();
}

Server::Status Server::status() const {
    return {.clients = connected_, .accepted = accepted_, .refused = refused_};
}

void Server::watch(int operation, int descriptor, std::uint64_t key, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = key;
    if (epoll_ctl(epoll_.get(), operation, descriptor, &event) != 0)
        throw SystemError("cannot watch a descriptor");
}

void Server::loop() {
    while (!stopping_) {
        try {
            turn();
        } catch (const std::exception& error) {
            if (troubles_.pass(clock_.monotonic()))
                services_.log.error(fmt::format("the netfs socket: {}", error.what()));
        }
        progress_.step();
    }
    end_all();
}

void Server::turn() {
    std::array<epoll_event, events_in_a_turn> events{};
    int count = 0;
    {
        const Progress::Waiting waiting(progress_);
        count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                           paused_ ? pause_ms : -1);
    }
    if (paused_) {
        paused_ = false;
        watch(EPOLL_CTL_MOD, listening_.get(), listening_key, EPOLLIN);
    }
    for (int i = 0; i < count && !stopping_; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        if (event.data.u64 == listening_key)
            accept_some();
        else if (event.data.u64 != wake_key)
            serve(event.data.u64, event.events);
    }
}

void Server::accept_some() {
    for (int i = 0; i < accepts_in_a_turn; ++i) {
        if (!accept_one())
            return;
    }
}

/// False: there is none, or not now.
bool Server::accept_one() {
    Fd socket(accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket)
        return accept_failed(errno);
    admit(std::move(socket));
    return true;
}

bool Server::accept_failed(int error) {
    switch (error) {
    case EAGAIN:
        return false;
    case EINTR:
    case ECONNABORTED:
        return true;
    default: // EMFILE, ENFILE, ENOMEM: it stays in the queue, and would wake us for ever
        refuse("there are no descriptors left");
        shed_one();
        return false;
    }
}

/// Whoever is first in the queue goes, at the price of the spare descriptor, for a moment.
void Server::shed_one() {
    bool shed = false;
    if (spare_) {
        spare_.reset();
        shed = static_cast<bool>(Fd(accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
    }
    spare_ = spare_descriptor();
    if (shed && spare_)
        return;
    paused_ = true;
    watch(EPOLL_CTL_MOD, listening_.get(), listening_key, 0);
}

void Server::admit(Fd socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return refuse("it cannot be seen whose it is");
    const Limits& limits = services_.limits;
    if (clients_.size() >= limits.connections)
        return refuse("there are too many");
    User& owner = user(peer.uid);
    if (peer.uid != 0 && owner.connections >= limits.connections_of_user)
        return refuse("its user has too many");
    setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);

    const std::uint64_t key = ++last_key_;
    watch(EPOLL_CTL_ADD, socket.get(), key, EPOLLIN); // ends with the socket
    const Budget budget(limits.client, owner.budget);
    auto connection = std::make_shared<Connection>(
        std::move(socket), epoll_.get(), key,
        Connection::Limits{.packets = limits.queued_packets, .bytes = budget.queued_bytes});
    std::shared_ptr<Session> session = Session::make(services_, connection, peer.uid, budget);
    clients_.emplace(key, Client{std::move(connection), std::move(session), peer.uid});
    ++owner.connections;
    connected_ = clients_.size();
    ++accepted_;
}

void Server::refuse(const char* why) {
    ++refused_;
    if (const std::optional<std::uint64_t> more = refusals_.pass(clock_.monotonic()))
        services_.log.warning(
            fmt::format("a client of the netfs socket was refused: {} ({} more since the last "
                        "message)",
                        why, *more));
}

/// Root may have everything that there is; everybody else half of it.
Server::User& Server::user(uid_t id) {
    const auto found = users_.find(id);
    if (found != users_.end())
        return found->second;
    if (users_.size() >= most_idle_users)
        std::erase_if(users_, [](const auto& entry) {
            return entry.second.connections == 0 && entry.second.budget.idle();
        });
    const Limits::Resources& total = services_.limits.total;
    return users_.emplace(id, User{.budget = Budget(id == 0 ? total : half_of(total), total_)})
        .first->second;
}

void Server::serve(std::uint64_t key, std::uint32_t events) {
    const auto found = clients_.find(key);
    if (found == clients_.end())
        return;
    Client& client = found->second;
    bool goes_on = !client.connection->failed();
    if (goes_on && (events & EPOLLOUT) != 0)
        client.connection->flush();
    try {
        goes_on = goes_on && ((events & ~EPOLLOUT) == 0 || take_packets(client));
    } catch (...) { // no memory: whoever needed it has to do without
        drop(key);
        throw;
    }
    if (!goes_on)
        drop(key);
}

/// False: the client is to go.
bool Server::take_packets(Client& client) {
    for (std::size_t i = 0; i < services_.limits.packets_in_a_turn; ++i) {
        const std::expected<std::string_view, PacketFailure> packet =
            client.connection->receive(buffer_);
        if (!packet)
            return packet.error().kind == PacketFailure::Kind::would_block;
        client.session->receive(*packet);
    }
    return !client.connection->failed();
}

/// The session may have much to let go of: not here.
void Server::drop(std::uint64_t key) {
    const auto found = clients_.find(key);
    found->second.connection->close();
    services_.executor.submit([session = std::move(found->second.session)] { session->end(); });
    --users_.at(found->second.user).connections;
    clients_.erase(found);
    connected_ = clients_.size();
    if (!spare_)
        spare_ = spare_descriptor();
}

void Server::end_all() {
    for (auto& [key, client] : clients_) {
        client.connection->close();
        client.session->end();
    }
    clients_.clear();
    connected_ = 0;
}

} // namespace cachefiles::daemon::netfs
