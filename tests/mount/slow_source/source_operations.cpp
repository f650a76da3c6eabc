// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/mount/slow_source/source_operations.hpp"

#include <fmt/format.h>

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <vector>

namespace cachefiles::slow_source {
namespace {

constexpr double no_time = 0; // for which attributes may be believed

DIR* directory(const fuse_file_info* file) {
    return reinterpret_cast<DIR*>(file->fh); // NOLINT(performance-no-int-to-ptr): FUSE's way
}

void start(void* /*user_data*/, fuse_conn_info* connection) {
    // As many read-aheads at a time as there are threads, instead of 12.
    connection->max_background = 256;
    connection->congestion_threshold = 256;
}

void look_up(fuse_req_t request, fuse_ino_t parent, const char* name) {
    if (passes(request, Operation::lookup))
        reply_entry(request, parent, name);
}

void forget(fuse_req_t request, fuse_ino_t inode, std::uint64_t lookups) {
    source_of(request).nodes.forget(inode, lookups);
    fuse_reply_none(request);
}

void forget_many(fuse_req_t request, std::size_t count, fuse_forget_data* forgotten) {
    for (const fuse_forget_data& one : std::span(forgotten, count))
        source_of(request).nodes.forget(one.ino, one.nlookup);
    fuse_reply_none(request);
}

void get_attributes(fuse_req_t request, fuse_ino_t inode, fuse_file_info* /*file*/) {
    if (!passes(request, Operation::getattr))
        return;
    struct stat status{};
    if (fstat(descriptor(request, inode), &status) == 0)
        fuse_reply_attr(request, &status, no_time);
    else
        fuse_reply_err(request, errno);
}

void read_link(fuse_req_t request, fuse_ino_t inode) {
    if (!passes(request, Operation::readlink))
        return;
    std::array<char, PATH_MAX> target{};
    if (readlinkat(descriptor(request, inode), "", target.data(), target.size() - 1) >= 0)
        fuse_reply_readlink(request, target.data());
    else
        fuse_reply_err(request, errno);
}

void open_file(fuse_req_t request, fuse_ino_t inode, fuse_file_info* file) {
    if (!passes(request, Operation::open))
        return;
    const int flags = (file->flags & ~(O_NOFOLLOW | O_CREAT | O_EXCL | O_DIRECT)) | O_CLOEXEC;
    reply_opened(request, open(path_of(request, inode).c_str(), flags), *file, nullptr);
}

void release(fuse_req_t request, fuse_ino_t /*inode*/, fuse_file_info* file) {
    close(opened(file));
    fuse_reply_err(request, 0);
}

void read_file(fuse_req_t request, fuse_ino_t /*inode*/, std::size_t size, off_t offset,
               fuse_file_info* file) {
    if (!passes(request, Operation::read))
        return;
    thread_local std::vector<char> buffer;
    buffer.resize(std::max(size, buffer.size()));
    const ssize_t length = pread(opened(file), buffer.data(), size, offset);
    if (length < 0) {
        fuse_reply_err(request, errno);
        return;
    }
    source_of(request).network.transfer(Operation::read, static_cast<std::size_t>(length));
    fuse_reply_buf(request, buffer.data(), static_cast<std::size_t>(length));
}

void open_directory(fuse_req_t request, fuse_ino_t inode, fuse_file_info* file) {
    if (!passes(request, Operation::open))
        return;
    const int fd = open(path_of(request, inode).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR* const opened = fd < 0 ? nullptr : fdopendir(fd);
    if (opened == nullptr) {
        fuse_reply_err(request, errno);
        return;
    }
    file->fh = reinterpret_cast<std::uint64_t>(opened);
    fuse_reply_open(request, file);
}

void read_directory(fuse_req_t request, fuse_ino_t /*inode*/, std::size_t size, off_t offset,
                    fuse_file_info* file) {
    if (!passes(request, Operation::readdir))
        return;
    DIR* const stream = directory(file);
    if (telldir(stream) != offset)
        seekdir(stream, offset);
    std::vector<char> buffer(size);
    std::size_t used = 0;
    while (true) {
        errno = 0;
        const dirent* const entry = readdir(stream); // the kernel asks one at a time of each
        if (entry == nullptr)
            break;
        struct stat status{};
        status.st_ino = entry->d_ino;
        status.st_mode = static_cast<mode_t>(DTTOIF(entry->d_type));
        const std::size_t length = fuse_add_direntry(request, buffer.data() + used, size - used,
                                                     entry->d_name, &status, entry->d_off);
        if (length > size - used)
            break; // not taken: the next request says where it begins
        used += length;
    }
    if (used == 0 && errno != 0)
        fuse_reply_err(request, errno);
    else
        fuse_reply_buf(request, buffer.data(), used);
}

void release_directory(fuse_req_t request, fuse_ino_t /*inode*/, fuse_file_info* file) {
    closedir(directory(file));
    fuse_reply_err(request, 0);
}

void get_space(fuse_req_t request, fuse_ino_t inode) {
    if (!passes(request, Operation::statfs))
        return;
    struct statvfs status{};
    if (fstatvfs(descriptor(request, inode), &status) == 0)
        fuse_reply_statfs(request, &status);
    else
        fuse_reply_err(request, errno);
}

/// `get` is called with room, or none to learn the size.
template<class Get>
void reply_xattr(fuse_req_t request, std::size_t size, const Get& get) {
    if (!passes(request, Operation::xattr))
        return;
    std::vector<char> value(size);
    const ssize_t length = get(value.data(), size);
    if (length < 0)
        fuse_reply_err(request, errno);
    else if (size == 0)
        fuse_reply_xattr(request, static_cast<std::size_t>(length));
    else
        fuse_reply_buf(request, value.data(), static_cast<std::size_t>(length));
}

void get_xattr(fuse_req_t request, fuse_ino_t inode, const char* name, std::size_t size) {
    reply_xattr(request, size, [&](char* value, std::size_t room) {
        return getxattr(path_of(request, inode).c_str(), name, value, room);
    });
}

void list_xattrs(fuse_req_t request, fuse_ino_t inode, std::size_t size) {
    reply_xattr(request, size, [&](char* value, std::size_t room) {
        return listxattr(path_of(request, inode).c_str(), value, room);
    });
}

void seek(fuse_req_t request, fuse_ino_t /*inode*/, off_t offset, int whence,
          fuse_file_info* file) {
    if (!passes(request, Operation::seek))
        return;
    const off_t found = lseek(opened(file), offset, whence);
    if (found >= 0)
        fuse_reply_lseek(request, found);
    else
        fuse_reply_err(request, errno);
}

} // namespace

void reply_result(fuse_req_t request, int result) {
    fuse_reply_err(request, result == 0 ? 0 : errno);
}

void reply_entry(fuse_req_t request, fuse_ino_t parent, const char* name) {
    fuse_entry_param entry{};
    const int error = source_of(request).nodes.find(parent, name, entry);
    if (error != 0)
        fuse_reply_err(request, error);
    else if (fuse_reply_entry(request, &entry) != 0) // interrupted: the kernel does not know it
        source_of(request).nodes.forget(entry.ino, 1);
}

void reply_opened(fuse_req_t request, int fd, fuse_file_info& file, const fuse_entry_param* entry) {
    if (fd < 0) {
        fuse_reply_err(request, errno);
        return;
    }
    file.fh = static_cast<std::uint64_t>(fd);
    file.direct_io = source_of(request).direct ? 1 : 0;
    const int error = entry != nullptr ? fuse_reply_create(request, entry, &file)
                                       : fuse_reply_open(request, &file);
    if (error != 0)
        close(fd);
}

std::string path_of(fuse_req_t request, fuse_ino_t inode) {
    return fmt::format("/proc/self/fd/{}", descriptor(request, inode));
}

fuse_lowlevel_ops source_operations() {
    fuse_lowlevel_ops operations{};
    operations.init = start;
    operations.lookup = look_up;
    operations.forget = forget;
    operations.forget_multi = forget_many;
    operations.getattr = get_attributes;
    operations.readlink = read_link;
    operations.open = open_file;
    operations.release = release;
    operations.read = read_file;
    operations.opendir = open_directory;
    operations.readdir = read_directory;
    operations.releasedir = release_directory;
    operations.statfs = get_space;
    operations.getxattr = get_xattr;
    operations.listxattr = list_xattrs;
    operations.lseek = seek;
    return operations;
}

} // namespace cachefiles::slow_source
