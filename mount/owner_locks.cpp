// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/owner_locks.hpp"

#include <fmt/format.h>

#include <fcntl.h>

#include <cerrno>
#include <utility>

namespace cachefiles::mount {

/// With the lock. Locks for writing want a file that is open for it.
std::expected<int, int> OwnerLocks::file_of(std::uint64_t owner) {
    const std::expected<int, int> by_path = path_.get();
    if (!by_path)
        return std::unexpected(by_path.error());
    Fd& file = owners_[owner];
    const std::string path = fmt::format("/proc/self/fd/{}", *by_path);
    for (const int mode : {O_RDWR, O_RDONLY}) {
        if (!file)
            file = Fd(open(path.c_str(), mode | O_NONBLOCK | O_CLOEXEC));
    }
    if (file)
        return file.get();
    const int error = errno;
    owners_.erase(owner);
    return std::unexpected(error);
}

std::expected<void, int> OwnerLocks::test(std::uint64_t owner, struct flock& lock) {
    const std::lock_guard guard(mutex_);
    const std::expected<int, int> file = file_of(owner);
    if (!file)
        return std::unexpected(file.error());
    lock.l_pid = 0;
    if (fcntl(*file, F_OFD_GETLK, &lock) != 0)
        return std::unexpected(errno);
    return {};
}

int OwnerLocks::set(std::uint64_t owner, struct flock lock) {
    const std::lock_guard guard(mutex_);
    if (lock.l_type == F_UNLCK && !owners_.contains(owner))
        return 0;
    const std::expected<int, int> file = file_of(owner);
    if (!file)
        return file.error();
    lock.l_pid = 0;
    return fcntl(*file, F_OFD_SETLK, &lock) == 0 ? 0 : errno;
}

void OwnerLocks::release(std::uint64_t owner) {
    Fd closed; // without the lock: a server may be told
    const std::lock_guard guard(mutex_);
    if (const auto found = owners_.find(owner); found != owners_.end()) {
        closed = std::move(found->second);
        owners_.erase(found);
    }
}

} // namespace cachefiles::mount
