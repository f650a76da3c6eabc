// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/fd.hpp"

#include <cstddef>
#include <expected>
#include <span>
#include <string_view>
#include <vector>

/// Packets of a connected SOCK_SEQPACKET socket of the Unix domain, with descriptors (unix(7),
/// SCM_RIGHTS). Nothing raises SIGPIPE, signals do not interrupt, descriptors that arrive are
/// close-on-exec. Any thread.
namespace cachefiles {

/// Of one packet, either way.
inline constexpr std::size_t max_packet_descriptors = 8;

struct PacketFailure {
    enum class Kind {
        would_block,      ///< of a socket that does not block: nothing is there, or no room
        closed,           ///< the other end has gone
        too_long,         ///< received: longer than the buffer. The packet is lost
        descriptors_lost, ///< received: more than were asked for, or than this process can have
        failed,           ///< whatever else; `error` says why
    };
    Kind kind{};
    int error = 0; ///< errno, where there is one

    bool operator==(const PacketFailure&) const = default;
};

struct ReceivedPacket {
    std::string_view bytes; ///< in the buffer; never empty
    std::vector<Fd> descriptors;
};

/// The next packet, into the caller's buffer. No descriptor of a packet that is refused stays open.
/// An empty packet looks like the end of the connection, and is taken for it.
[[nodiscard]] std::expected<ReceivedPacket, PacketFailure>
receive_packet(int socket, std::span<char> buffer, std::size_t most_descriptors = 0);

/// All of it or nothing. The descriptors stay the caller's. EINVAL: empty, or too many descriptors;
/// EMSGSIZE: longer than the socket's send buffer.
[[nodiscard]] std::expected<void, PacketFailure> send_packet(int socket, std::string_view bytes,
                                                             std::span<const int> descriptors = {});

} // namespace cachefiles
