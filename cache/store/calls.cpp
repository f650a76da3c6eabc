// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/calls.hpp"

#include "base/open_beneath.hpp"
#include "cache/store/faults.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace cachefiles::cache::store::calls {
namespace {

bool fails(faults::Class which) {
    const int error = faults::injected(which);
    if (error != 0)
        errno = error;
    return error != 0;
}

int write_zeros(int fd, std::uint64_t offset, std::uint64_t length) {
    static constexpr std::array<char, 4096> zeros{};
    while (length > 0) {
        const ssize_t written =
            pwrite(fd, zeros.data(), std::min<std::uint64_t>(length, zeros.size()),
                   static_cast<off_t>(offset));
        if (written < 0)
            return -1;
        offset += static_cast<std::uint64_t>(written);
        length -= static_cast<std::uint64_t>(written);
    }
    return 0;
}

/// Lets the owner open a file that the driver made without any permission.
bool make_readable(int directory, const std::string& name) {
    const Fd path = open_beneath(directory, name.c_str(), O_PATH | O_NOFOLLOW);
    struct stat status{};
    if (!path || fstat(path.get(), &status) != 0 || !S_ISREG(status.st_mode))
        return false;
    return chmod(fmt::format("/proc/self/fd/{}", path.get()).c_str(), 0600) == 0;
}

} // namespace

Fd open_directory(int directory, const std::string& name) {
    if (fails(faults::read))
        return Fd();
    return open_beneath(directory, name.c_str(), O_RDONLY | O_DIRECTORY);
}

int look_at(int directory, const std::string& name, struct stat& status) {
    if (fails(faults::read))
        return -1;
    return fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT);
}

ssize_t get_xattr(int fd, const char* name, char* value, std::size_t size) {
    return fails(faults::read) ? -1 : fgetxattr(fd, name, value, size);
}

std::int64_t seek(int fd, std::uint64_t offset, bool data) {
    return fails(faults::read)
               ? -1
               : lseek(fd, static_cast<off_t>(offset), data ? SEEK_DATA : SEEK_HOLE);
}

int link_file(int fd, int directory, const std::string& name) {
    if (fails(faults::read))
        return -1;
    if (linkat(fd, "", directory, name.c_str(), AT_EMPTY_PATH) == 0)
        return 0;
    if (errno != ENOENT && errno != EPERM) // what one gets without CAP_DAC_READ_SEARCH
        return -1;
    return linkat(AT_FDCWD, fmt::format("/proc/self/fd/{}", fd).c_str(), directory, name.c_str(),
                  AT_SYMLINK_FOLLOW);
}

int rename_entry(int from, const std::string& old_name, int to, const std::string& new_name,
                 unsigned flags) {
    if (fails(faults::read))
        return -1;
    return renameat2(from, old_name.c_str(), to, new_name.c_str(), flags);
}

int make_directory(int directory, const std::string& name) {
    return fails(faults::write) ? -1 : mkdirat(directory, name.c_str(), 0700);
}

Fd open_tmpfile(int directory) {
    if (fails(faults::write))
        return Fd();
    return Fd(openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
}

int set_size(int fd, std::uint64_t size) {
    return fails(faults::write) ? -1 : ftruncate(fd, static_cast<off_t>(size));
}

int zero_range(int fd, std::uint64_t offset, std::uint64_t length) {
    if (fails(faults::write))
        return -1;
    if (fallocate(fd, FALLOC_FL_ZERO_RANGE, static_cast<off_t>(offset),
                  static_cast<off_t>(length)) == 0)
        return 0;
    return errno == EOPNOTSUPP ? write_zeros(fd, offset, length) : -1;
}

int set_xattr(int fd, const char* name, const std::string& value) {
    return fails(faults::write) ? -1 : fsetxattr(fd, name, value.data(), value.size(), 0);
}

int unlink_file(int directory, const std::string& name) {
    return fails(faults::remove) ? -1 : unlinkat(directory, name.c_str(), 0);
}

int cut(int fd, std::uint64_t size) {
    return fails(faults::remove) ? -1 : ftruncate(fd, static_cast<off_t>(size));
}

int punch(int fd, std::uint64_t offset, std::uint64_t length) {
    return fails(faults::remove)
               ? -1
               : fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                           static_cast<off_t>(offset), static_cast<off_t>(length));
}

int remove_xattr(int fd, const char* name) {
    return fails(faults::remove) ? -1 : fremovexattr(fd, name);
}

int flush_data(int fd) {
    return fails(faults::flush) ? -1 : fdatasync(fd);
}

int flush_all(int fd) {
    return fails(faults::flush) ? -1 : fsync(fd);
}

int flush_file_system(int fd) {
    return fails(faults::flush) ? -1 : syncfs(fd);
}

void begin_flush(int fd, std::uint64_t offset, std::uint64_t length) {
    // Without SYNC_FILE_RANGE_WAIT_*, which would look for errors.
    sync_file_range(fd, static_cast<off_t>(offset), static_cast<off_t>(length),
                    SYNC_FILE_RANGE_WRITE);
}

Fd open_object(int directory, const std::string& name) {
    // O_NONBLOCK: should it have become a fifo meanwhile.
    constexpr int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK;
    Fd fd = open_beneath(directory, name.c_str(), flags);
    if (!fd && errno == EACCES && make_readable(directory, name))
        fd = open_beneath(directory, name.c_str(), flags);
    struct stat status{};
    if (fd && (fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode))) {
        fd.reset();
        errno = ENOTSUP;
    }
    return fd;
}

} // namespace cachefiles::cache::store::calls
