// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/netfs/traffic.hpp"

#include <cerrno>

namespace cachefiles::daemon::netfs {

/// Whatever else is answered is the client's own mistake.
void Traffic::refused(int error) {
    switch (error) {
    case ENOSPC:
        ++no_space;
        break;
    case EEXIST:
        ++present;
        break;
    case ESTALE:
    case ENOBUFS:
        ++replaced;
        break;
    case EMFILE:
    case ENFILE:
    case EAGAIN:
        ++limited;
        break;
    default:
        break;
    }
}

} // namespace cachefiles::daemon::netfs
