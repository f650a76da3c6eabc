// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/netfs/connection.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace cachefiles::daemon::netfs {

Connection::Connection(Fd socket, int epoll, std::uint64_t key, Limits limits)
    : epoll_(epoll), key_(key), limits_(std::move(limits)), socket_(std::move(socket)) {}

void Connection::send(Packet packet) {
    const std::lock_guard lock(mutex_);
    if (failed_ || !socket_)
        return;
    if (waiting_.empty() && transmit(packet))
        return;
    if (failed_)
        return;
    std::expected<Quota::Share, int> bytes = Quota::take(limits_.bytes, packet.bytes.size());
    if (waiting_.size() >= limits_.packets || !bytes) {
        fail();
        return;
    }
    waiting_.push_back({std::move(packet), *std::move(bytes)});
    if (waiting_.size() == 1)
        watch(true);
}

/// False: not now, or never; then it has failed.
bool Connection::transmit(Packet& packet) {
    const std::span<const int> descriptors(&packet.descriptor, packet.descriptor >= 0 ? 1 : 0);
    std::expected<void, PacketFailure> sent = send_packet(socket_.get(), packet.bytes, descriptors);
    if (!sent && sent.error().error == ETOOMANYREFS && !packet.otherwise.empty()) {
        packet.bytes = std::exchange(packet.otherwise, {});
        packet.descriptor = -1;
        packet.owner.reset();
        sent = send_packet(socket_.get(), packet.bytes);
    }
    if (sent)
        return true;
    if (sent.error().kind != PacketFailure::Kind::would_block)
        fail();
    return false;
}

void Connection::flush() {
    const std::lock_guard lock(mutex_);
    while (!failed_ && !waiting_.empty() && transmit(waiting_.front().packet))
        waiting_.pop_front();
    if (!failed_ && waiting_.empty())
        watch(false);
}

void Connection::hang_up() {
    const std::lock_guard lock(mutex_);
    if (socket_)
        fail();
}

bool Connection::failed() {
    const std::lock_guard lock(mutex_);
    return failed_;
}

/// The server sees the end of the connection, and closes it.
void Connection::fail() {
    failed_ = true;
    waiting_.clear();
    shutdown(socket_.get(), SHUT_RDWR);
}

std::expected<std::string_view, PacketFailure> Connection::receive(std::span<char> buffer) {
    // Without the lock: only the server closes the socket, and it is the one who calls this.
    const std::expected<ReceivedPacket, PacketFailure> packet =
        receive_packet(socket_.get(), buffer);
    if (!packet)
        return std::unexpected(packet.error());
    return packet->bytes;
}

void Connection::close() {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
    socket_.reset();
}

void Connection::watch(bool for_room) {
    epoll_event event{};
    event.events = for_room ? EPOLLIN | EPOLLOUT : EPOLLIN;
    event.data.u64 = key_;
    epoll_ctl(epoll_, EPOLL_CTL_MOD, socket_.get(), &event);
}

} // namespace cachefiles::daemon::netfs
