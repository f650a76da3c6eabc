// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"

#include <sys/stat.h>

#include <string>

namespace cachefiles::daemon::netfs {

/// For everybody: what a user may do is decided by his uid and the owners of the volumes.
inline constexpr mode_t default_socket_mode = 0666;

/// A listening SOCK_SEQPACKET socket at that path, whose directory exists. One that a daemon left
/// behind is replaced. Errors: SystemError; EADDRINUSE: somebody listens there, or it is no socket.
[[nodiscard]] Fd listen_at(const std::string& path, mode_t mode = default_socket_mode);

/// Makes sure that a descriptor from the service manager is such a socket, and that it does not
/// block. Errors: SystemError.
[[nodiscard]] Fd check_listener(Fd inherited);

} // namespace cachefiles::daemon::netfs
