// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/caller.hpp"
#include "mount/file_system.hpp"
#include "mount/handle.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace cachefiles::mount {
namespace {

/// Smaller ones are read with one request, and to have the kernel open the cache's file costs more.
constexpr std::uint64_t least_passthrough = 128 << 10;

bool writes(int flags) {
    return (flags & O_ACCMODE) != O_RDONLY;
}

/// Positions are always given, and the kernel has its pages: neither appending nor direct.
int source_flags(int flags) {
    return (flags & ~(O_APPEND | O_DIRECT | O_CREAT | O_EXCL | O_NOFOLLOW)) | O_CLOEXEC |
           O_NONBLOCK;
}

} // namespace

/// An open file of a node that was looked at just now.
FileSystem::Result<std::shared_ptr<Handle>> FileSystem::open_handle(const Found& found, int flags,
                                                                    Fd source) {
    Node& node = *found.node;
    std::shared_ptr<CachedFile> file;
    Version version;
    bool outdated = false;
    {
        const std::lock_guard lock(node.mutex);
        version = node.version;
        outdated = node.backing.users > 0 && node.backing.version != version;
        file = node.file.lock();
        if (file == nullptr) {
            file = std::make_shared<CachedFile>(services_, found.node, found.path, node.attributes);
            node.file = file;
        }
    }
    // The kernel looks the name up again, and finds another node.
    if (outdated || node.superseded)
        return std::unexpected(ESTALE);
    std::shared_ptr<Handle> handle(new Handle, [this](Handle* last) {
        const std::unique_ptr<Handle> closed(last);
        close(*closed);
    });
    handle->node = found.node;
    handle->file = std::move(file);
    handle->writes = writes(flags);
    handle->source = std::move(source);
    handle->changed = handle->file->looked_at(version);
    handle->joined = handle->writes ? handle->file->begin_writing() : handle->file->is_written();
    if (handle->writes && (flags & O_TRUNC) != 0)
        handle->file->resized(0);
    count(statistics_.opens);
    return handle;
}

/// Whether the kernel's pages of the file are good for who opens it now.
bool FileSystem::settle_pages(Handle& handle) {
    Node& node = *handle.node;
    const std::lock_guard lock(node.mutex);
    ++node.cached_opens;
    handle.cached = true;
    if (handle.joined) // it is written by way of those pages
        return !handle.changed;
    const bool good = !handle.changed && node.has_pages && node.pages == node.version;
    node.pages = node.version;
    // What is read too early may be from between two writes that leave the same version.
    node.has_pages = node.version.size == 0 || node.version.settled(Version::now());
    return good;
}

/// The kernel's number of the cached file that it may read by itself; 0: it may not.
std::optional<int> FileSystem::begin_passthrough(Handle& handle) {
    if (passthrough_ == nullptr || !passthrough_->available() || !options_.read_only ||
        !options_.passthrough || handle.file->version().size < least_passthrough)
        return 0;
    Node& node = *handle.node;
    Fd cached;
    {
        const std::lock_guard lock(node.mutex);
        if (node.cached_opens > 0) // all of a file's opens must be of one kind
            return 0;
    }
    cached = handle.file->whole();
    const std::lock_guard lock(node.mutex);
    if (node.backing.users == 0) {
        if (!cached || node.cached_opens > 0)
            return 0;
        const int number = passthrough_->open_backing(cached.get());
        if (number <= 0)
            return 0;
        node.backing = {number, 0, node.version};
    } else if (node.backing.version != node.version) {
        return {};
    }
    ++node.backing.users;
    handle.passthrough = true;
    return node.backing.number;
}

void FileSystem::open(Request& request, Inode inode, fuse_file_info* info) {
    const Result<NodePtr> node = node_of(inode);
    if (!node)
        return request.error(node.error());
    bool fresh = false;
    {
        const std::lock_guard lock((*node)->mutex);
        fresh = is_fresh(**node);
    }
    const bool asks = !fresh || writes(info->flags);
    const Result<Path> path = asks ? nodes_.path_of(*node) : nodes_.path_if_open(*node);
    if (!path)
        return request.error(path.error());
    Fd source;
    if (writes(info->flags)) {
        source = Fd(::open(fmt::format("/proc/self/fd/{}", (*path)->get()).c_str(),
                           source_flags(info->flags)));
        if (!source)
            return request.error(errno);
        fresh = fresh && (info->flags & O_TRUNC) == 0;
    }
    if (!fresh) {
        if (const Result<Attributes> attributes = look_at(**node, (*path)->get()); !attributes)
            return request.error(attributes.error());
    }
    Result<std::shared_ptr<Handle>> opened =
        open_handle({*node, *path}, info->flags, std::move(source));
    if (!opened)
        return request.error(opened.error());
    const std::shared_ptr<Handle> handle = *std::move(opened);
    const std::optional<int> backing = begin_passthrough(*handle);
    if (!backing)
        return request.error(ESTALE);
    const std::uint64_t number = handles_.add(handle);
    bool taken = false;
    if (*backing > 0) {
        count(statistics_.passthrough_opens);
        const Passthrough::Opened answer = Passthrough::opened(number, *backing);
        taken = request.raw({reinterpret_cast<const char*>(&answer), sizeof answer});
    } else {
        info->fh = number;
        info->keep_cache = settle_pages(*handle);
        info->noflush = options_.read_only;
        taken = request.opened(*info);
    }
    if (!taken)
        handles_.remove(number);
}

void FileSystem::create(Request& request, Inode parent, const char* name, mode_t mode,
                        fuse_file_info* info) {
    const Result<Found> directory = find(parent);
    if (!directory)
        return request.error(directory.error());
    Fd source;
    {
        const ActAs caller(request.caller().uid, request.caller().gid);
        source = Fd(openat(
            directory->path->get(), name,
            source_flags(info->flags) | O_CREAT | (info->flags & O_EXCL) | O_NOFOLLOW, mode));
    }
    if (!source)
        return request.error(errno);
    const Result<Attributes> attributes = attributes_of(source.get());
    if (!attributes)
        return request.error(attributes.error());
    const Result<fuse_entry_param> entry = enter(directory->node, name, *attributes);
    const Result<Found> found = entry ? find(entry->ino) : std::unexpected(entry.error());
    Result<std::shared_ptr<Handle>> handle =
        found ? open_handle(*found, info->flags, std::move(source))
              : std::unexpected(found.error());
    if (!handle) {
        if (entry)
            nodes_.forget(entry->ino, 1);
        return request.error(handle.error());
    }
    const std::uint64_t number = handles_.add(*handle);
    info->fh = number;
    info->keep_cache = settle_pages(**handle);
    if (request.created(*entry, *info))
        return;
    handles_.remove(number);
    nodes_.forget(entry->ino, 1);
}

/// Nobody has it any more. The source's file first: only then it has its last version.
void FileSystem::close(Handle& handle) {
    Node& node = *handle.node;
    handle.source.reset();
    if (handle.writes) {
        const std::optional<Attributes> attributes = handle.file->end_writing();
        if (attributes)
            note(node, *attributes);
        const Version version = handle.file->version();
        const std::lock_guard lock(node.mutex);
        if (!attributes)
            node.validated = {}; // the next to open it looks
        node.pages = version;    // that is what was written by way of them
    }
    const std::lock_guard lock(node.mutex);
    if (handle.cached)
        --node.cached_opens;
    if (handle.passthrough && --node.backing.users == 0)
        passthrough_->close_backing(node.backing.number);
}

void FileSystem::release(Request& request, Inode, fuse_file_info* info) {
    handles_.remove(info->fh);
    request.error(0);
}

void FileSystem::flush(Request& request, Inode, fuse_file_info* info) {
    const std::shared_ptr<Handle> handle = handles_.find(info->fh);
    if (handle == nullptr)
        return request.error(EBADF);
    handle->file->locks().release(info->lock_owner);
    if (!handle->source)
        return request.error(0);
    // close(2) is where a network file system says what became of the writes.
    request.error(::close(dup(handle->source.get())) == 0 ? 0 : errno);
}

void FileSystem::sync(Request& request, Inode, int data_only, fuse_file_info* info) {
    const std::shared_ptr<Handle> handle = handles_.find(info->fh);
    if (handle == nullptr)
        return request.error(EBADF);
    if (!handle->source)
        return request.error(0);
    const int file = handle->source.get();
    request.error((data_only != 0 ? fdatasync(file) : fsync(file)) == 0 ? 0 : errno);
}

} // namespace cachefiles::mount
