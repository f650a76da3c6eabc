// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/seqpacket.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>

namespace cachefiles {
namespace {

using Kind = PacketFailure::Kind;

struct ControlBuffer {
    alignas(cmsghdr) char bytes[CMSG_SPACE(max_packet_descriptors * sizeof(int))] = {};
};

std::unexpected<PacketFailure> failure(Kind kind, int error = 0) {
    return std::unexpected(PacketFailure{kind, error});
}

std::unexpected<PacketFailure> failure_of_call(int error) {
    switch (error) {
    case EAGAIN:
        return failure(Kind::would_block, error);
    case EPIPE:
    case ECONNRESET:
        return failure(Kind::closed, error);
    default:
        return failure(Kind::failed, error);
    }
}

/// Whoever calls this has reserved the room: nothing may be thrown while they are nobody's.
void take_descriptors(msghdr& message, std::vector<Fd>& descriptors) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
         part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
            continue;
        const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
            descriptors.emplace_back(fd);
        }
    }
}

} // namespace

std::expected<ReceivedPacket, PacketFailure> receive_packet(int socket, std::span<char> buffer,
                                                            std::size_t most_descriptors) {
    if (most_descriptors > max_packet_descriptors)
        return failure(Kind::failed, EINVAL);
    ReceivedPacket packet;
    packet.descriptors.reserve(most_descriptors);

    iovec data{buffer.data(), buffer.size()};
    ControlBuffer control;
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    ssize_t size = -1;
    do {
        message.msg_control = most_descriptors > 0 ? control.bytes : nullptr;
        // Not CMSG_SPACE, whose padding is room for one more.
        message.msg_controllen =
            most_descriptors > 0 ? CMSG_LEN(most_descriptors * sizeof(int)) : 0;
        size = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (size < 0 && errno == EINTR);
    if (size < 0)
        return failure_of_call(errno);

    take_descriptors(message, packet.descriptors);
    if ((message.msg_flags & MSG_TRUNC) != 0)
        return failure(Kind::too_long);
    if ((message.msg_flags & MSG_CTRUNC) != 0)
        return failure(Kind::descriptors_lost);
    if (size == 0)
        return failure(Kind::closed);
    packet.bytes = {buffer.data(), static_cast<std::size_t>(size)};
    return packet;
}

std::expected<void, PacketFailure> send_packet(int socket, std::string_view bytes,
                                               std::span<const int> descriptors) {
    if (bytes.empty() || descriptors.size() > max_packet_descriptors)
        return failure(Kind::failed, EINVAL);
    iovec data{const_cast<char*>(bytes.data()), bytes.size()}; // sendmsg does not write to it
    ControlBuffer control;
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    if (!descriptors.empty()) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
        cmsghdr* part = CMSG_FIRSTHDR(&message);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(descriptors.size_bytes());
        std::memcpy(CMSG_DATA(part), descriptors.data(), descriptors.size_bytes());
    }
    ssize_t sent = -1;
    do
        sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return failure_of_call(errno);
    return {};
}

} // namespace cachefiles
