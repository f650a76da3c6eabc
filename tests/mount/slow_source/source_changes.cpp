// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/mount/slow_source/source_operations.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

namespace cachefiles::slow_source {
namespace {

timespec time_of(int what, int set, int now, const timespec& value) {
    if ((what & now) != 0)
        return {.tv_sec = 0, .tv_nsec = UTIME_NOW};
    if ((what & set) == 0)
        return {.tv_sec = 0, .tv_nsec = UTIME_OMIT};
    return value;
}

int change_attributes(const std::string& path, const struct stat& wanted, int what,
                      const fuse_file_info* file) {
    if ((what & FUSE_SET_ATTR_MODE) != 0 && chmod(path.c_str(), wanted.st_mode) != 0)
        return -1;
    const uid_t owner = (what & FUSE_SET_ATTR_UID) != 0 ? wanted.st_uid : static_cast<uid_t>(-1);
    const gid_t group = (what & FUSE_SET_ATTR_GID) != 0 ? wanted.st_gid : static_cast<gid_t>(-1);
    // Of a symbolic link, too: the path itself is one that has to be followed to it.
    if ((what & (FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID)) != 0 &&
        chown(path.c_str(), owner, group) != 0)
        return -1;
    if ((what & FUSE_SET_ATTR_SIZE) != 0) {
        const int result = file != nullptr ? ftruncate(opened(file), wanted.st_size)
                                           : truncate(path.c_str(), wanted.st_size);
        if (result != 0)
            return -1;
    }
    const std::array<timespec, 2> times{
        time_of(what, FUSE_SET_ATTR_ATIME, FUSE_SET_ATTR_ATIME_NOW, wanted.st_atim),
        time_of(what, FUSE_SET_ATTR_MTIME, FUSE_SET_ATTR_MTIME_NOW, wanted.st_mtim)};
    return utimensat(AT_FDCWD, path.c_str(), times.data(), 0);
}

void set_attributes(fuse_req_t request, fuse_ino_t inode, struct stat* wanted, int what,
                    fuse_file_info* file) {
    if (!passes(request, Operation::setattr))
        return;
    struct stat status{};
    if (change_attributes(path_of(request, inode), *wanted, what, file) == 0 &&
        fstat(descriptor(request, inode), &status) == 0)
        fuse_reply_attr(request, &status, 0);
    else
        fuse_reply_err(request, errno);
}

/// What was just made belongs to whoever asked for it, where that can be said.
void reply_made(fuse_req_t request, fuse_ino_t parent, const char* name, int result) {
    if (result != 0) {
        fuse_reply_err(request, errno);
        return;
    }
    const fuse_ctx* const caller = fuse_req_ctx(request);
    if (geteuid() == 0 && caller->uid != 0)
        (void)!fchownat(descriptor(request, parent), name, caller->uid, caller->gid,
                        AT_SYMLINK_NOFOLLOW);
    reply_entry(request, parent, name);
}

void make_node(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode, dev_t device) {
    if (passes(request, Operation::make))
        reply_made(request, parent, name, mknodat(descriptor(request, parent), name, mode, device));
}

void make_directory(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode) {
    if (passes(request, Operation::make))
        reply_made(request, parent, name, mkdirat(descriptor(request, parent), name, mode));
}

void make_symlink(fuse_req_t request, const char* target, fuse_ino_t parent, const char* name) {
    if (passes(request, Operation::make))
        reply_made(request, parent, name, symlinkat(target, descriptor(request, parent), name));
}

void make_link(fuse_req_t request, fuse_ino_t inode, fuse_ino_t parent, const char* name) {
    if (!passes(request, Operation::make))
        return;
    if (linkat(AT_FDCWD, path_of(request, inode).c_str(), descriptor(request, parent), name,
               AT_SYMLINK_FOLLOW) == 0)
        reply_entry(request, parent, name);
    else
        fuse_reply_err(request, errno);
}

void create(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode,
            fuse_file_info* file) {
    if (!passes(request, Operation::make))
        return;
    const int directory = descriptor(request, parent);
    const int fd = openat(directory, name,
                          (file->flags | O_CREAT | O_CLOEXEC) & ~(O_NOFOLLOW | O_DIRECT), mode);
    const fuse_ctx* const caller = fuse_req_ctx(request);
    if (fd >= 0 && geteuid() == 0 && caller->uid != 0)
        (void)!fchown(fd, caller->uid, caller->gid);
    fuse_entry_param entry{};
    const int error = fd < 0 ? errno : source_of(request).nodes.find(parent, name, entry);
    if (error == 0) {
        reply_opened(request, fd, *file, &entry);
        return;
    }
    if (fd >= 0)
        close(fd);
    fuse_reply_err(request, error);
}

void remove_file(fuse_req_t request, fuse_ino_t parent, const char* name) {
    if (passes(request, Operation::remove))
        reply_result(request, unlinkat(descriptor(request, parent), name, 0));
}

void remove_directory(fuse_req_t request, fuse_ino_t parent, const char* name) {
    if (passes(request, Operation::remove))
        reply_result(request, unlinkat(descriptor(request, parent), name, AT_REMOVEDIR));
}

void rename_file(fuse_req_t request, fuse_ino_t parent, const char* name, fuse_ino_t new_parent,
                 const char* new_name, unsigned flags) {
    if (passes(request, Operation::rename))
        reply_result(request, renameat2(descriptor(request, parent), name,
                                        descriptor(request, new_parent), new_name, flags));
}

void write_file(fuse_req_t request, fuse_ino_t /*inode*/, const char* data, std::size_t size,
                off_t offset, fuse_file_info* file) {
    if (!passes(request, Operation::write))
        return;
    source_of(request).network.transfer(Operation::write, size);
    const ssize_t length = pwrite(opened(file), data, size, offset);
    if (length >= 0)
        fuse_reply_write(request, static_cast<std::size_t>(length));
    else
        fuse_reply_err(request, errno);
}

void sync_file(fuse_req_t request, fuse_ino_t /*inode*/, int data_only, fuse_file_info* file) {
    if (passes(request, Operation::fsync))
        reply_result(request, data_only != 0 ? fdatasync(opened(file)) : fsync(opened(file)));
}

void allocate(fuse_req_t request, fuse_ino_t /*inode*/, int mode, off_t offset, off_t length,
              fuse_file_info* file) {
    if (passes(request, Operation::allocate))
        reply_result(request, fallocate(opened(file), mode, offset, length));
}

void copy_range(fuse_req_t request, fuse_ino_t /*from*/, off_t from_offset, fuse_file_info* from,
                fuse_ino_t /*to*/, off_t to_offset, fuse_file_info* to, std::size_t length,
                int flags) {
    if (!passes(request, Operation::copy))
        return;
    const ssize_t copied = copy_file_range(opened(from), &from_offset, opened(to), &to_offset,
                                           length, static_cast<unsigned>(flags));
    if (copied >= 0)
        fuse_reply_write(request, static_cast<std::size_t>(copied));
    else
        fuse_reply_err(request, errno);
}

void set_xattr(fuse_req_t request, fuse_ino_t inode, const char* name, const char* value,
               std::size_t size, int flags) {
    if (passes(request, Operation::xattr))
        reply_result(request, setxattr(path_of(request, inode).c_str(), name, value, size, flags));
}

void remove_xattr(fuse_req_t request, fuse_ino_t inode, const char* name) {
    if (passes(request, Operation::xattr))
        reply_result(request, removexattr(path_of(request, inode).c_str(), name));
}

} // namespace

void add_changes(fuse_lowlevel_ops& operations) {
    operations.setattr = set_attributes;
    operations.mknod = make_node;
    operations.mkdir = make_directory;
    operations.symlink = make_symlink;
    operations.link = make_link;
    operations.create = create;
    operations.unlink = remove_file;
    operations.rmdir = remove_directory;
    operations.rename = rename_file;
    operations.write = write_file;
    operations.fsync = sync_file;
    operations.fallocate = allocate;
    operations.copy_file_range = copy_range;
    operations.setxattr = set_xattr;
    operations.removexattr = remove_xattr;
}

} // namespace cachefiles::slow_source
