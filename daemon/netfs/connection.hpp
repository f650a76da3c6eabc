// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "base/seqpacket.hpp"
#include "daemon/netfs/channel.hpp"
#include "daemon/netfs/quota.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>

namespace cachefiles::daemon::netfs {

/// The channel over a socket. What the socket does not take waits here, in order; a client that
/// lets too much pile up is hung up on. Any thread, but receive(), flush() and close() are the
/// server's.
class Connection final : public Channel {
public:
    struct Limits {
        std::size_t packets = 0;
        std::shared_ptr<Quota> bytes;
    };

    /// `epoll` watches the socket already, for reading, under `key`; the connection has it watch
    /// for room to write, too, when that is needed.
    Connection(Fd socket, int epoll, std::uint64_t key, Limits limits);

    void send(Packet packet) override;
    void hang_up() override;

    /// The client was hung up on, or cannot be reached.
    [[nodiscard]] bool failed();
    /// The next packet that is there.
    [[nodiscard]] std::expected<std::string_view, PacketFailure> receive(std::span<char> buffer);
    /// There is room to write.
    void flush();
    /// What waits is dropped, and the descriptor is free.
    void close();

private:
    struct Waiting {
        Packet packet;
        Quota::Share bytes;
    };

    [[nodiscard]] bool transmit(Packet& packet);
    void fail();
    void watch(bool for_room);

    const int epoll_;
    const std::uint64_t key_;
    const Limits limits_;

    std::mutex mutex_; ///< guards what follows
    Fd socket_;
    bool failed_ = false;
    std::deque<Waiting> waiting_;
};

} // namespace cachefiles::daemon::netfs
