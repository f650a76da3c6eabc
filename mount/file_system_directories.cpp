// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/file_system.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <future>
#include <string_view>
#include <utility>

namespace cachefiles::mount {
namespace {

using Entries = std::vector<DirectoryHandle::Entry>;

/// In the source's order. The error is an errno.
std::expected<std::shared_ptr<const Entries>, int> list(int path) {
    const int file = openat(path, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0)
        return std::unexpected(errno);
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(fdopendir(file), closedir);
    if (directory == nullptr) {
        ::close(file);
        return std::unexpected(ENOMEM);
    }
    std::shared_ptr<Entries> entries = std::make_shared<Entries>();
    for (;;) {
        errno = 0;
        const dirent* const entry = readdir(directory.get());
        if (entry == nullptr && errno != 0)
            return std::unexpected(errno);
        if (entry == nullptr)
            return entries;
        entries->push_back(
            {entry->d_name, entry->d_ino, static_cast<std::uint32_t>(DTTOIF(entry->d_type))});
    }
}

bool is_dots(std::string_view name) {
    return name == "." || name == "..";
}

} // namespace

void FileSystem::open_directory(Request& request, Inode inode, fuse_file_info* info) {
    const Result<NodePtr> node = node_of(inode);
    if (!node)
        return request.error(node.error());
    bool fresh = false;
    {
        const std::lock_guard lock((*node)->mutex);
        fresh = is_fresh(**node);
    }
    if (!fresh) {
        const Result<Path> path = nodes_.path_of(*node);
        const Result<Attributes> attributes =
            path ? look_at(**node, (*path)->get()) : std::unexpected(path.error());
        if (!attributes)
            return request.error(attributes.error());
    }
    const std::shared_ptr<DirectoryHandle> handle = std::make_shared<DirectoryHandle>();
    handle->node = *node;
    info->fh = directories_.add(handle);
    {
        // The kernel keeps the listing, as it does pages of files.
        const std::lock_guard lock((*node)->mutex);
        Node& directory = **node;
        info->cache_readdir = 1;
        info->keep_cache = directory.has_pages && directory.pages == directory.version;
        directory.pages = directory.version;
        directory.has_pages = directory.version.settled(Version::now());
    }
    if (!request.opened(*info))
        directories_.remove(info->fh);
}

void FileSystem::release_directory(Request& request, Inode, fuse_file_info* info) {
    directories_.remove(info->fh);
    request.error(0);
}

void FileSystem::sync_directory(Request& request, Inode inode, int data_only, fuse_file_info*) {
    const Result<Found> found = find(inode);
    if (!found)
        return request.error(found.error());
    const Fd directory(openat(found->path->get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory)
        return request.error(errno);
    const int file = directory.get();
    request.error((data_only != 0 ? fdatasync(file) : fsync(file)) == 0 ? 0 : errno);
}

FileSystem::Result<std::shared_ptr<const Entries>> FileSystem::entries_of(DirectoryHandle& handle,
                                                                          off_t offset) {
    const std::lock_guard lock(handle.mutex);
    if (handle.entries == nullptr || offset == 0) { // rewinddir(3) reads it again
        const Result<Path> path = nodes_.path_of(handle.node);
        if (!path)
            return std::unexpected(path.error());
        Result<std::shared_ptr<const Entries>> entries = list((*path)->get());
        if (!entries)
            return entries;
        handle.entries = *std::move(entries);
    }
    return handle.entries;
}

void FileSystem::read_directory(Request& request, Inode, std::size_t size, off_t offset,
                                fuse_file_info* info) {
    const std::shared_ptr<DirectoryHandle> handle = directories_.find(info->fh);
    if (handle == nullptr)
        return request.error(EBADF);
    const Result<std::shared_ptr<const Entries>> entries = entries_of(*handle, offset);
    if (!entries)
        return request.error(entries.error());
    std::vector<char> buffer(size);
    std::size_t used = 0;
    for (auto at = static_cast<std::size_t>(offset); at < (*entries)->size(); ++at) {
        const DirectoryHandle::Entry& entry = (**entries)[at];
        struct stat status{};
        status.st_ino = entry.inode;
        status.st_mode = entry.type;
        const std::size_t length =
            fuse_add_direntry(nullptr, buffer.data() + used, size - used, entry.name.c_str(),
                              &status, static_cast<off_t>(at + 1));
        if (length > size - used)
            break;
        used += length;
    }
    request.bytes({buffer.data(), used});
}

/// With attributes: those of as many entries as fit are asked for at the same time.
void FileSystem::read_directory_plus(Request& request, Inode, std::size_t size, off_t offset,
                                     fuse_file_info* info) {
    const std::shared_ptr<DirectoryHandle> handle = directories_.find(info->fh);
    if (handle == nullptr)
        return request.error(EBADF);
    const Result<std::shared_ptr<const Entries>> entries = entries_of(*handle, offset);
    const Result<Path> path =
        entries ? nodes_.path_of(handle->node) : std::unexpected(entries.error());
    if (!path)
        return request.error(path.error());
    const auto first = static_cast<std::size_t>(offset);
    std::size_t last = first;
    for (std::size_t room = size; last < (*entries)->size(); ++last) {
        const std::size_t length =
            fuse_add_direntry_plus(nullptr, nullptr, 0, (**entries)[last].name.c_str(), nullptr, 0);
        if (length > room)
            break;
        room -= length;
    }
    const std::vector<Result<Attributes>> found = look_at_all(*path, *entries, first, last);
    std::vector<char> buffer(size);
    std::vector<Inode> entered;
    std::size_t used = 0;
    for (std::size_t at = first; at < last; ++at) {
        const DirectoryHandle::Entry& entry = (**entries)[at];
        fuse_entry_param shown{};
        shown.attr.st_ino = entry.inode;
        shown.attr.st_mode = entry.type;
        // What has gone meanwhile, or cannot be looked at, is listed without attributes.
        if (const Result<Attributes>& attributes = found[at - first]; attributes) {
            if (const Result<fuse_entry_param> known =
                    enter(handle->node, entry.name.c_str(), *attributes)) {
                shown = *known;
                entered.push_back(known->ino);
            }
        }
        used += fuse_add_direntry_plus(nullptr, buffer.data() + used, size - used,
                                       entry.name.c_str(), &shown, static_cast<off_t>(at + 1));
    }
    if (!request.raw({buffer.data(), used})) {
        for (const Inode inode : entered)
            nodes_.forget(inode, 1);
    }
}

std::vector<FileSystem::Result<Attributes>>
FileSystem::look_at_all(const Path& path, const std::shared_ptr<const Entries>& entries,
                        std::size_t first, std::size_t last) {
    /// What the threads share: who is last to look at something may be later than who waits.
    struct Looking {
        std::mutex mutex;
        std::condition_variable changed;
        std::size_t next = 0;
        std::size_t done = 0;
        std::vector<Result<Attributes>> found;
    };
    const std::size_t total = last - first;
    const std::shared_ptr<Looking> looking = std::make_shared<Looking>();
    looking->found.assign(total, std::unexpected(ENOENT));
    const auto work = [looking, path, entries, first, total] {
        std::unique_lock lock(looking->mutex);
        while (looking->next < total) {
            const std::size_t at = looking->next++;
            const std::string& name = (*entries)[first + at].name;
            if (!is_dots(name)) {
                lock.unlock();
                Result<Attributes> attributes = attributes_of(path->get(), name.c_str());
                lock.lock();
                looking->found[at] = std::move(attributes);
            }
            ++looking->done;
        }
        if (looking->done == total)
            looking->changed.notify_all();
    };
    // A few are quicker asked for here than handed over.
    constexpr std::size_t for_each_thread = 4;
    for (std::size_t i = 1; i < std::min(pool_.size(), total / for_each_thread); ++i)
        pool_.submit(work);
    work();
    std::unique_lock lock(looking->mutex);
    looking->changed.wait(lock, [&] { return looking->done == total; });
    return looking->found;
}

} // namespace cachefiles::mount
