// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/file_system.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

namespace cachefiles::mount {
namespace {

/// What calls that want no O_PATH descriptor find it by.
std::string path_of(const Fd& file) {
    return fmt::format("/proc/self/fd/{}", file.get());
}

int errno_if(int result) {
    return result == 0 ? 0 : errno;
}

std::array<timespec, 2> times_of(const struct stat& status, int what) {
    std::array<timespec, 2> times{{{0, UTIME_OMIT}, {0, UTIME_OMIT}}};
    if ((what & FUSE_SET_ATTR_ATIME_NOW) != 0)
        times[0].tv_nsec = UTIME_NOW;
    else if ((what & FUSE_SET_ATTR_ATIME) != 0)
        times[0] = status.st_atim;
    if ((what & FUSE_SET_ATTR_MTIME_NOW) != 0)
        times[1].tv_nsec = UTIME_NOW;
    else if ((what & FUSE_SET_ATTR_MTIME) != 0)
        times[1] = status.st_mtim;
    return times;
}

} // namespace

void FileSystem::get_attributes(Request& request, Inode inode, fuse_file_info*) {
    const Result<NodePtr> node = node_of(inode);
    if (!node)
        return request.error(node.error());
    {
        const std::lock_guard lock((*node)->mutex);
        // Who has the old content open sees what it was.
        if ((*node)->superseded || (options_.immutable && is_fresh(**node)))
            return request.attributes(stat_of((*node)->attributes),
                                      attributes_believed((*node)->attributes.stx_mode));
    }
    const Result<Path> path = nodes_.path_of(*node);
    if (!path)
        return request.error(path.error());
    const Result<Attributes> attributes = look_at(**node, (*path)->get());
    if (!attributes)
        return request.error(attributes.error());
    request.attributes(stat_of(*attributes), attributes_believed(attributes->stx_mode));
}

/// A change of the file that leaves its content: what is cached of it is taken along to the version
/// that it has afterwards.
int FileSystem::with_same_content(const Found& found, const std::function<int()>& change) {
    if (!S_ISREG(found.node->attributes.stx_mode))
        return change();
    const Result<Attributes> before = attributes_of(found.path->get());
    if (const int error = change())
        return error;
    const Result<Attributes> after = look_at(*found.node, found.path->get());
    if (!before || !after)
        return 0;
    const Version old_version = Version::of(*before);
    const Version new_version = Version::of(*after);
    if (old_version == new_version)
        return 0;
    std::shared_ptr<CachedFile> file;
    {
        const std::lock_guard lock(found.node->mutex);
        file = found.node->file.lock();
        if (found.node->has_pages && found.node->pages == old_version)
            found.node->pages = new_version;
    }
    if (file == nullptr)
        file = std::make_shared<CachedFile>(services_, found.node, found.path, *before);
    file->adopt(old_version, new_version);
    return 0;
}

int FileSystem::set_size(const Found& found, std::uint64_t size, const Handle* handle) {
    const auto length = static_cast<off_t>(size);
    const int error = handle != nullptr && handle->source
                          ? errno_if(ftruncate(handle->source.get(), length))
                          : errno_if(truncate(path_of(*found.path).c_str(), length));
    if (error != 0)
        return error;
    std::shared_ptr<CachedFile> file;
    {
        const std::lock_guard lock(found.node->mutex);
        file = found.node->file.lock();
    }
    if (file == nullptr) // the next open finds another version
        return 0;
    file->begin_writing();
    file->resized(size);
    if (const std::optional<Attributes> attributes = file->end_writing())
        note(*found.node, *attributes);
    return 0;
}

int FileSystem::apply(const Found& found, const struct stat& status, int what,
                      const Handle* handle) {
    const std::string path = path_of(*found.path);
    if ((what & FUSE_SET_ATTR_MODE) != 0) {
        if (const int error = errno_if(chmod(path.c_str(), status.st_mode)))
            return error;
    }
    if ((what & (FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID)) != 0) {
        const uid_t user = (what & FUSE_SET_ATTR_UID) != 0 ? status.st_uid : uid_t(-1);
        const gid_t group = (what & FUSE_SET_ATTR_GID) != 0 ? status.st_gid : gid_t(-1);
        if (const int error = errno_if(fchownat(found.path->get(), "", user, group, AT_EMPTY_PATH)))
            return error;
    }
    if ((what & FUSE_SET_ATTR_SIZE) != 0) {
        if (const int error = set_size(found, static_cast<std::uint64_t>(status.st_size), handle))
            return error;
    }
    if ((what & (FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_MTIME)) != 0) {
        const std::array<timespec, 2> times = times_of(status, what);
        return errno_if(utimensat(AT_FDCWD, path.c_str(), times.data(), 0));
    }
    return 0;
}

void FileSystem::set_attributes(Request& request, Inode inode, struct stat* status, int what,
                                fuse_file_info* info) {
    const Result<Found> found = find(inode);
    if (!found)
        return request.error(found.error());
    const std::shared_ptr<Handle> handle = info != nullptr ? handles_.find(info->fh) : nullptr;
    const auto change = [&] {
        return apply(*found, *status, what, handle.get());
    };
    const bool same_content = (what & FUSE_SET_ATTR_SIZE) == 0;
    if (const int error = same_content ? with_same_content(*found, change) : change())
        return request.error(error);
    const Result<Attributes> attributes = look_at(*found->node, found->path->get());
    if (!attributes)
        return request.error(attributes.error());
    request.attributes(stat_of(*attributes), attributes_believed(attributes->stx_mode));
}

void FileSystem::set_attribute(Request& request, Inode inode, const char* name, const char* value,
                               std::size_t size, int flags) {
    const Result<Found> found = find(inode);
    if (!found)
        return request.error(found.error());
    request.error(with_same_content(*found, [&] {
        return errno_if(setxattr(path_of(*found->path).c_str(), name, value, size, flags));
    }));
}

void FileSystem::get_attribute(Request& request, Inode inode, const char* name, std::size_t size) {
    std::string value;
    if (const std::optional<Result<std::string>> own = own_attribute(inode, name)) {
        if (!*own)
            return request.error(own->error());
        value = **own;
        if (size > 0 && size < value.size())
            return request.error(ERANGE);
    } else {
        const Result<Found> found = watch_.is_stuck() ? std::unexpected(ETIMEDOUT) : find(inode);
        if (!found)
            return request.error(found.error());
        value.resize(size);
        const ssize_t length =
            getxattr(path_of(*found->path).c_str(), name, value.data(), value.size());
        if (length < 0)
            return request.error(errno);
        if (size == 0)
            return request.size(static_cast<std::size_t>(length));
        value.resize(static_cast<std::size_t>(length));
    }
    if (size == 0)
        return request.size(value.size());
    request.bytes(value);
}

void FileSystem::list_attributes(Request& request, Inode inode, std::size_t size) {
    const Result<Found> found = find(inode);
    if (!found)
        return request.error(found.error());
    std::string names(size, '\0');
    const ssize_t length = listxattr(path_of(*found->path).c_str(), names.data(), names.size());
    if (length < 0)
        return request.error(errno);
    if (size == 0)
        return request.size(static_cast<std::size_t>(length));
    request.bytes({names.data(), static_cast<std::size_t>(length)});
}

void FileSystem::remove_attribute(Request& request, Inode inode, const char* name) {
    const Result<Found> found = find(inode);
    if (!found)
        return request.error(found.error());
    request.error(with_same_content(
        *found, [&] { return errno_if(removexattr(path_of(*found->path).c_str(), name)); }));
}

void FileSystem::file_system_status(Request& request, Inode inode) {
    const Result<Found> found = find(inode);
    if (!found)
        return request.error(found.error());
    struct statvfs status{};
    if (fstatvfs(found->path->get(), &status) != 0)
        return request.error(errno);
    request.file_system(status);
}

} // namespace cachefiles::mount
