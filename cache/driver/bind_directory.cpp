// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/driver/bind_directory.hpp"

#include "protocol/xattr.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>

namespace cachefiles::cache::driver {
namespace {

constexpr int lookup_flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/// An absolute path, as one sees it whose root directory `root` is.
Fd open_in_root(int root, const std::string& path) {
    open_how how{};
    how.flags = static_cast<unsigned>(lookup_flags);
    how.resolve = RESOLVE_IN_ROOT;
    long fd = 0;
    do { // a rename elsewhere during the walk makes the kernel give up with EAGAIN
        fd = syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
    } while (fd < 0 && errno == EAGAIN);
    return Fd(static_cast<int>(fd));
}

bool keeps_nothing(int directory) {
    struct statfs status{};
    if (fstatfs(directory, &status) != 0)
        return false; // reported later, as the driver does
    // The driver misses sync_fs here; a tmpfs has everything else since Linux 6.6.
    return status.f_type == TMPFS_MAGIC || status.f_type == RAMFS_MAGIC;
}

/// O_TMPFILE and extended attributes, which the driver tells from the inode's operations.
int try_tmpfile(int directory) {
    const Fd file(openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!file) {
        const bool unknown = errno == EISDIR || errno == ENOENT || errno == ENOSYS;
        return unknown ? EOPNOTSUPP : errno;
    }
    return fsetxattr(file.get(), protocol::xattr_name, "", 0, 0) == 0 ? 0 : errno;
}

} // namespace

std::expected<Fd, int> find_directory(const std::string& path, const Caller& caller) {
    Fd directory;
    if (!path.starts_with('/') && !caller.directory)
        return std::unexpected(ENOTDIR);
    if (!path.starts_with('/'))
        directory = Fd(openat(caller.directory.get(), path.c_str(), lookup_flags));
    else if (caller.root)
        directory = open_in_root(caller.root.get(), path);
    else
        directory = Fd(open(path.c_str(), lookup_flags));
    if (!directory)
        return std::unexpected(errno);
    return directory;
}

int check_file_system(int directory) {
    if (keeps_nothing(directory))
        return EOPNOTSUPP;
    struct statvfs status{};
    if (fstatvfs(directory, &status) == 0 && (status.f_flag & ST_RDONLY) != 0)
        return EROFS;
    const int error = try_tmpfile(directory);
    return error == ENOSPC || error == EDQUOT ? 0 : error;
}

std::expected<AbsoluteLimits, int> absolute_limits(int directory, const protocol::Limits& percent) {
    struct statfs status{};
    if (fstatfs(directory, &status) != 0)
        return std::unexpected(errno);
    if (status.f_bsize <= 0)
        return std::unexpected(ERANGE);
    if (status.f_bsize > sysconf(_SC_PAGESIZE))
        return std::unexpected(EOPNOTSUPP);
    return AbsoluteLimits{watermarks(status.f_files, percent.files),
                          watermarks(status.f_blocks, percent.blocks)};
}

int make_parts(int directory, const store::SpaceCheck& space) {
    for (const char* const name : {"cache", "graveyard"}) {
        struct stat status{};
        if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
            if (!S_ISDIR(status.st_mode))
                return EIO;
            continue;
        }
        if (errno != ENOENT)
            return errno;
        if (const auto room = space.for_files(1); !room)
            return room.error() == ENOSPC ? ENOBUFS : room.error();
        if (mkdirat(directory, name, 0700) != 0)
            return errno;
    }
    return 0;
}

} // namespace cachefiles::cache::driver
