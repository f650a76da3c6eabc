// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>

namespace cachefiles::daemon::netfs {

/// What goes to a client in one piece.
struct Packet {
    std::string bytes = {};
    int descriptor = -1; ///< goes with it; -1: none
    /// Keeps the descriptor open until it has been sent.
    std::shared_ptr<const void> owner = {};
    std::string otherwise = {}; ///< goes if the descriptor cannot: the system's limit
};

/// The way to one client. Any thread, also under the session's lock: it calls nobody back, and does
/// not block. When the client has gone, what is sent is dropped.
class Channel {
public:
    virtual ~Channel() = default;

    virtual void send(Packet packet) = 0;
    /// The client is of no use: the connection ends, soon. Whoever reads from it ends the session.
    virtual void hang_up() = 0;
};

} // namespace cachefiles::daemon::netfs
