// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/fd.hpp"
#include "client/call.hpp"
#include "protocol/netfs/messages.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

namespace cachefiles::client {

/// One socket to one daemon, and the requests on their way. All of it under the connection's lock,
/// but descriptor(). What is sent leaves in the order in which it was sent, and sending never
/// waits: what the socket does not take is kept until it does.
class Link final {
public:
    /// A daemon bounds what a client may ask for without having got its answers.
    static constexpr std::size_t most_unanswered = 32;

    /// Does not block.
    explicit Link(Fd socket) : socket_(std::move(socket)) {}

    [[nodiscard]] int descriptor() const { return socket_.get(); }
    [[nodiscard]] bool broken() const { return broken_; }

    /// `call`: who waits for the answer; NULL: nobody does.
    void send(const protocol::netfs::Request& request, Call* call);
    /// Sends what waits, as far as it can be sent.
    void flush();
    /// Something waits for room in the socket.
    [[nodiscard]] bool blocked() const { return blocked_; }

    void answer(protocol::netfs::Reply reply, std::vector<Fd> descriptors);
    /// It does not wait any more.
    void forget(const Call& call) noexcept;
    /// For ever. Whoever waits gets no answer.
    void hang_up() noexcept;

private:
    struct Packet {
        std::string bytes;
        bool has_reply = true;
    };

    Fd socket_;
    std::uint32_t last_serial_ = 0;
    std::unordered_map<std::uint32_t, Call*> calls_; ///< sent, or waiting to be
    std::size_t unanswered_ = 0;                     ///< sent
    std::deque<Packet> waiting_;
    bool blocked_ = false;
    bool broken_ = false;
};

} // namespace cachefiles::client
