// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/open_beneath.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include <cerrno>

namespace cachefiles {

Fd open_beneath(int directory, const char* path, int flags) noexcept {
    open_how how{};
    how.flags = static_cast<unsigned>(flags) | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
    long fd = 0;
    do { // a rename elsewhere in the tree during the walk makes the kernel give up with EAGAIN
        fd = syscall(SYS_openat2, directory, path, &how, sizeof how);
    } while (fd < 0 && errno == EAGAIN);
    return Fd(static_cast<int>(fd));
}

} // namespace cachefiles
