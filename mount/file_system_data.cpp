// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/block_size.hpp"
#include "mount/file_system.hpp"
#include "mount/handle.hpp"

#include <fcntl.h>
#include <linux/falloc.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <vector>

namespace cachefiles::mount {
namespace {

/// Less is copied: to splice is three system calls.
constexpr std::size_t least_spliced = std::size_t{64} << 10;

/// All of it, or up to the first error.
std::expected<std::size_t, int> write_all(int file, std::span<const char> data,
                                          std::uint64_t start) {
    std::size_t done = 0;
    while (done < data.size()) {
        const ssize_t count =
            pwrite(file, data.data() + done, data.size() - done, static_cast<off_t>(start + done));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && done == 0)
            return std::unexpected(errno);
        if (count <= 0)
            break;
        done += static_cast<std::size_t>(count);
    }
    return done;
}

} // namespace

void FileSystem::read(Request& request, Inode, std::size_t size, off_t offset,
                      fuse_file_info* info) {
    const std::shared_ptr<Handle> handle = handles_.find(info->fh);
    if (handle == nullptr)
        return request.error(EBADF);
    const auto start = static_cast<std::uint64_t>(offset);
    const std::uint64_t end = handle->file->version().size;
    const std::uint64_t known = std::min<std::uint64_t>(size, end - std::min(end, start));
    const bool only_cached = watch_.is_stuck();
    if (!only_cached)
        read_ahead(*handle, start, known);
    if (known >= least_spliced || only_cached) {
        if (const Fd cached = handle->file->cached_range(start, known)) {
            count(statistics_.cached_bytes, known);
            return request.file_range(cached.get(), start, known);
        }
    }
    if (only_cached)
        return request.error(ETIMEDOUT);
    static thread_local std::vector<char> buffer;
    buffer.resize(std::max(buffer.size(), size));
    const Result<std::size_t> bytes = handle->file->read({buffer.data(), size}, start);
    if (!bytes)
        return request.error(bytes.error());
    request.bytes({buffer.data(), *bytes});
}

void FileSystem::read_ahead(Handle& handle, std::uint64_t start, std::uint64_t length) {
    if (options_.read_ahead == 0)
        return;
    const ReadAhead::Range range = handle.ahead.after(start, length, options_.read_ahead);
    const std::uint64_t end = std::min(range.end, handle.file->version().size);
    for (std::uint64_t at = range.start; at < end; at += block_size) {
        pool_.submit([this, file = handle.file, at] {
            if (storer_.has_room())
                file->read_ahead(at);
        });
    }
}

void FileSystem::write(Request& request, Inode, const char* data, std::size_t size, off_t offset,
                       fuse_file_info* info) {
    const std::shared_ptr<Handle> handle = handles_.find(info->fh);
    if (handle == nullptr || !handle->source)
        return request.error(EBADF);
    const auto start = static_cast<std::uint64_t>(offset);
    const Result<std::size_t> written = write_all(handle->source.get(), {data, size}, start);
    if (!written)
        return request.error(written.error());
    handle->file->wrote({data, *written}, start);
    request.written(*written);
}

void FileSystem::allocate(Request& request, Inode, int mode, off_t offset, off_t length,
                          fuse_file_info* info) {
    const std::shared_ptr<Handle> handle = handles_.find(info->fh);
    if (handle == nullptr || !handle->source)
        return request.error(EBADF);
    if (fallocate(handle->source.get(), mode, offset, length) != 0)
        return request.error(errno);
    const std::uint64_t end =
        static_cast<std::uint64_t>(offset) + static_cast<std::uint64_t>(length);
    if ((mode & ~FALLOC_FL_KEEP_SIZE) != 0)
        handle->file->spoiled();
    if ((mode & FALLOC_FL_KEEP_SIZE) == 0 && end > handle->file->version().size)
        handle->file->resized(end);
    request.error(0);
}

void FileSystem::seek(Request& request, Inode, off_t offset, int whence, fuse_file_info* info) {
    const std::shared_ptr<Handle> handle = handles_.find(info->fh);
    if (handle == nullptr)
        return request.error(EBADF);
    const Result<off_t> found = handle->file->seek(offset, whence);
    if (!found)
        return request.error(found.error());
    request.offset(*found);
}

} // namespace cachefiles::mount
