// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/dial.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace cachefiles::client {

int check_path(const std::string& path) {
    if (path.empty())
        return EINVAL;
    return path.size() < sizeof(sockaddr_un::sun_path) ? 0 : ENAMETOOLONG;
}

std::expected<Fd, int> dial(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (const int error = check_path(path); error != 0)
        return std::unexpected(error);
    std::memcpy(address.sun_path, path.data(), path.size());

    Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket)
        return std::unexpected(errno);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return std::unexpected(errno);
    return socket;
}

} // namespace cachefiles::client
