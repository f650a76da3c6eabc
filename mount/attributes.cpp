// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/attributes.hpp"

#include <fcntl.h>
#include <sys/sysmacros.h>

#include <cerrno>

namespace cachefiles::mount {
namespace {

std::expected<Attributes, int> ask(int directory, const char* name, int flags) {
    Attributes attributes{};
    if (statx(directory, name, flags | AT_SYMLINK_NOFOLLOW | AT_STATX_FORCE_SYNC | AT_NO_AUTOMOUNT,
              STATX_BASIC_STATS | STATX_MNT_ID, &attributes) != 0)
        return std::unexpected(errno);
    return attributes;
}

timespec time_of(const statx_timestamp& time) {
    return {time.tv_sec, time.tv_nsec};
}

} // namespace

std::expected<Attributes, int> attributes_of(int file) {
    return ask(file, "", AT_EMPTY_PATH);
}

std::expected<Attributes, int> attributes_of(int directory, const char* name) {
    return ask(directory, name, 0);
}

struct stat stat_of(const Attributes& attributes) {
    struct stat status{};
    status.st_dev = makedev(attributes.stx_dev_major, attributes.stx_dev_minor);
    status.st_ino = attributes.stx_ino;
    status.st_mode = attributes.stx_mode;
    status.st_nlink = attributes.stx_nlink;
    status.st_uid = attributes.stx_uid;
    status.st_gid = attributes.stx_gid;
    status.st_rdev = makedev(attributes.stx_rdev_major, attributes.stx_rdev_minor);
    status.st_size = static_cast<off_t>(attributes.stx_size);
    status.st_blksize = static_cast<blksize_t>(attributes.stx_blksize);
    status.st_blocks = static_cast<blkcnt_t>(attributes.stx_blocks);
    status.st_atim = time_of(attributes.stx_atime);
    status.st_mtim = time_of(attributes.stx_mtime);
    status.st_ctim = time_of(attributes.stx_ctime);
    return status;
}

} // namespace cachefiles::mount
