// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/file_system.hpp"
#include "mount/handle.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <functional>
#include <thread>

namespace cachefiles::mount {
namespace {

/// Tries again until it has the lock, or nobody waits for it any more: a thread that waits in the
/// source could not be called back.
int take(const Request& request, bool wait, const std::function<int()>& attempt) {
    constexpr std::chrono::milliseconds first_pause{1};
    constexpr std::chrono::milliseconds longest_pause{100};
    std::chrono::milliseconds pause = first_pause;
    for (;;) {
        const int error = attempt();
        const bool held = error == EAGAIN || error == EACCES;
        if (!held || !wait)
            return held ? EAGAIN : error;
        if (request.abandoned())
            return EINTR;
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, longest_pause);
    }
}

} // namespace

void FileSystem::get_lock(Request& request, Inode, fuse_file_info* info, struct flock* lock) {
    const std::shared_ptr<Handle> handle = handles_.find(info->fh);
    if (handle == nullptr)
        return request.error(EBADF);
    if (const Result<void> tested = handle->file->locks().test(info->lock_owner, *lock); !tested)
        return request.error(tested.error());
    request.lock(*lock);
}

void FileSystem::set_lock(Request& request, Inode, fuse_file_info* info, struct flock* lock,
                          int sleep) {
    const std::shared_ptr<Handle> handle = handles_.find(info->fh);
    if (handle == nullptr)
        return request.error(EBADF);
    request.error(take(request, sleep != 0,
                       [&] { return handle->file->locks().set(info->lock_owner, *lock); }));
}

void FileSystem::lock_file(Request& request, Inode, fuse_file_info* info, int operation) {
    const std::shared_ptr<Handle> handle = handles_.find(info->fh);
    if (handle == nullptr)
        return request.error(EBADF);
    const std::shared_ptr<const Fd> path = nodes_.path_of(handle->node).value_or(nullptr);
    int file = -1;
    {
        const std::lock_guard guard(handle->mutex);
        if (!handle->lock && path != nullptr)
            handle->lock = Fd(::open(fmt::format("/proc/self/fd/{}", path->get()).c_str(),
                                     O_RDONLY | O_NONBLOCK | O_CLOEXEC));
        file = handle->lock.get();
    }
    if (file < 0)
        return request.error(ENOLCK);
    const bool wait = (operation & LOCK_NB) == 0;
    request.error(
        take(request, wait, [&] { return flock(file, operation | LOCK_NB) == 0 ? 0 : errno; }));
}

} // namespace cachefiles::mount
