// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/netfs/listener.hpp"

#include "base/error.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace cachefiles::daemon::netfs {
namespace {

constexpr int backlog = 1'024; // clients that come back all at once after a restart

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        throw SystemError("cannot listen at " + path, ENAMETOOLONG);
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

Fd new_socket() {
    return Fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

/// A socket that nobody listens at any more, and nothing else.
void remove_left_over(const std::string& path, const sockaddr_un& address) {
    struct stat status{};
    if (lstat(path.c_str(), &status) != 0)
        return;
    const Fd probe = new_socket();
    const auto* const raw = reinterpret_cast<const sockaddr*>(&address);
    if (!S_ISSOCK(status.st_mode) || connect(probe.get(), raw, sizeof address) == 0 ||
        errno != ECONNREFUSED)
        throw SystemError("cannot listen at " + path, EADDRINUSE);
    unlink(path.c_str());
}

} // namespace

Fd listen_at(const std::string& path, mode_t mode) {
    const sockaddr_un address = address_of(path);
    remove_left_over(path, address);
    Fd listening = new_socket();
    const auto* const raw = reinterpret_cast<const sockaddr*>(&address);
    // Nobody gets in before listen(), so the mode is right in time.
    if (!listening || bind(listening.get(), raw, sizeof address) != 0 ||
        chmod(path.c_str(), mode) != 0 || listen(listening.get(), backlog) != 0)
        throw SystemError("cannot listen at " + path);
    return listening;
}

Fd check_listener(Fd inherited) {
    int type = 0;
    int listens = 0;
    sockaddr_storage name{};
    socklen_t size = sizeof type;
    socklen_t name_size = sizeof name;
    if (getsockopt(inherited.get(), SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
        getsockopt(inherited.get(), SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 ||
        getsockname(inherited.get(), reinterpret_cast<sockaddr*>(&name), &name_size) != 0)
        throw SystemError("the inherited descriptor is no socket");
    if (name.ss_family != AF_UNIX || type != SOCK_SEQPACKET || listens == 0)
        throw SystemError("the inherited socket does not listen for packets", EINVAL);
    const int flags = fcntl(inherited.get(), F_GETFL);
    if (flags < 0 || fcntl(inherited.get(), F_SETFL, flags | O_NONBLOCK) != 0)
        throw SystemError("cannot make the inherited socket non-blocking");
    return inherited;
}

} // namespace cachefiles::daemon::netfs
