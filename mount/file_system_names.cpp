// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/caller.hpp"
#include "mount/file_system.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

namespace cachefiles::mount {

/// Of a file that was found under a name: the kernel's view of it, with one lookup to give back.
FileSystem::Result<fuse_entry_param> FileSystem::enter(const NodePtr& parent, const char* name,
                                                       const Attributes& attributes) {
    NodePtr node = nodes_.look_up(parent, name, attributes);
    bool outdated = false;
    {
        const std::lock_guard lock(node->mutex);
        outdated = node->backing.users > 0 && node->backing.version != Version::of(attributes);
    }
    // The kernel reads its old content by itself, and goes on with that for those who have it open.
    if (outdated) {
        nodes_.supersede(node);
        nodes_.forget(node->id, 1);
        node = nodes_.look_up(parent, name, attributes);
    }
    note(*node, attributes);
    fuse_entry_param entry{};
    entry.ino = node->id;
    entry.attr = stat_of(attributes);
    entry.attr_timeout = attributes_believed(attributes.stx_mode);
    entry.entry_timeout = names_believed(attributes.stx_mode);
    return entry;
}

FileSystem::Result<fuse_entry_param> FileSystem::enter(const Found& parent, const char* name) {
    const Result<Attributes> attributes = attributes_of(parent.path->get(), name);
    if (!attributes)
        return std::unexpected(attributes.error());
    return enter(parent.node, name, *attributes);
}

void FileSystem::look_up(Request& request, Inode parent, const char* name) {
    const Result<Found> directory = find(parent);
    if (!directory)
        return request.error(directory.error());
    Result<fuse_entry_param> entry = enter(*directory, name);
    if (!entry && entry.error() == ENOENT && names_believed(S_IFREG) > 0) {
        fuse_entry_param absent{};
        absent.entry_timeout = names_believed(S_IFREG);
        static_cast<void>(request.entry(absent));
        return;
    }
    if (!entry)
        return request.error(entry.error());
    if (!request.entry(*entry))
        nodes_.forget(entry->ino, 1);
}

void FileSystem::answer_made(Request& request, const Found& parent, const char* name, int result) {
    if (result != 0)
        return request.error(errno);
    const Result<fuse_entry_param> entry = enter(parent, name);
    if (!entry)
        return request.error(entry.error());
    if (!request.entry(*entry))
        nodes_.forget(entry->ino, 1);
}

void FileSystem::make_node(Request& request, Inode parent, const char* name, mode_t mode,
                           dev_t device) {
    const Result<Found> directory = find(parent);
    if (!directory)
        return request.error(directory.error());
    int result = 0;
    {
        const ActAs caller(request.caller().uid, request.caller().gid);
        result = mknodat(directory->path->get(), name, mode, device);
    }
    answer_made(request, *directory, name, result);
}

void FileSystem::make_directory(Request& request, Inode parent, const char* name, mode_t mode) {
    const Result<Found> directory = find(parent);
    if (!directory)
        return request.error(directory.error());
    int result = 0;
    {
        const ActAs caller(request.caller().uid, request.caller().gid);
        result = mkdirat(directory->path->get(), name, mode);
    }
    answer_made(request, *directory, name, result);
}

void FileSystem::make_symbolic_link(Request& request, const char* target, Inode parent,
                                    const char* name) {
    const Result<Found> directory = find(parent);
    if (!directory)
        return request.error(directory.error());
    int result = 0;
    {
        const ActAs caller(request.caller().uid, request.caller().gid);
        result = symlinkat(target, directory->path->get(), name);
    }
    answer_made(request, *directory, name, result);
}

/// With /proc, since linkat(2) wants a capability for an empty path.
void FileSystem::link(Request& request, Inode inode, Inode new_parent, const char* new_name) {
    const Result<Found> found = find(inode);
    const Result<Found> directory = find(new_parent);
    if (!found || !directory)
        return request.error(found ? directory.error() : found.error());
    const int error = with_same_content(*found, [&] {
        const std::string path = fmt::format("/proc/self/fd/{}", found->path->get());
        return linkat(AT_FDCWD, path.c_str(), directory->path->get(), new_name,
                      AT_SYMLINK_FOLLOW) == 0
                   ? 0
                   : errno;
    });
    if (error != 0)
        return request.error(error);
    answer_made(request, *directory, new_name, 0);
}

/// Who has the file open goes on with it: what it can be found by is kept.
void FileSystem::unlink(Request& request, Inode parent, const char* name) {
    const Result<Found> directory = find(parent);
    if (!directory)
        return request.error(directory.error());
    const Result<fuse_entry_param> entry = enter(*directory, name);
    if (!entry)
        return request.error(entry.error());
    int error = 0;
    if (const Result<Found> found = find(entry->ino)) {
        const bool last = entry->attr.st_nlink <= 1;
        if (last)
            static_cast<void>(nodes_.pin(found->node));
        const auto remove = [&] {
            return unlinkat(directory->path->get(), name, 0) == 0 ? 0 : errno;
        };
        error = last ? remove() : with_same_content(*found, remove);
    } else {
        error = found.error();
    }
    nodes_.forget(entry->ino, 1);
    request.error(error);
}

void FileSystem::remove_directory(Request& request, Inode parent, const char* name) {
    const Result<Found> directory = find(parent);
    if (!directory)
        return request.error(directory.error());
    request.error(unlinkat(directory->path->get(), name, AT_REMOVEDIR) == 0 ? 0 : errno);
}

void FileSystem::rename(Request& request, Inode parent, const char* name, Inode new_parent,
                        const char* new_name, unsigned flags) {
    const Result<Found> from = find(parent);
    const Result<Found> to = find(new_parent);
    if (!from || !to)
        return request.error(from ? to.error() : from.error());
    const Result<fuse_entry_param> moved = enter(*from, name);
    if (!moved)
        return request.error(moved.error());
    // What is replaced may be open.
    const Result<fuse_entry_param> replaced = enter(*to, new_name);
    if (replaced && replaced->ino != moved->ino && (flags & RENAME_EXCHANGE) == 0) {
        if (const NodePtr node = nodes_.find(replaced->ino))
            static_cast<void>(nodes_.pin(node));
    }
    const Result<Found> found = find(moved->ino);
    const auto change = [&] {
        return renameat2(from->path->get(), name, to->path->get(), new_name, flags) == 0 ? 0
                                                                                         : errno;
    };
    const int error = found ? with_same_content(*found, change) : found.error();
    if (error == 0) {
        nodes_.moved(found->node, to->node, new_name);
        if (replaced && (flags & RENAME_EXCHANGE) != 0) {
            if (const NodePtr node = nodes_.find(replaced->ino))
                nodes_.moved(node, from->node, name);
        }
    }
    nodes_.forget(moved->ino, 1);
    if (replaced)
        nodes_.forget(replaced->ino, 1);
    request.error(error);
}

void FileSystem::read_link(Request& request, Inode inode) {
    const Result<Found> found = find(inode);
    if (!found)
        return request.error(found.error());
    std::array<char, PATH_MAX + 1> target{};
    const ssize_t length = readlinkat(found->path->get(), "", target.data(), target.size() - 1);
    if (length < 0)
        return request.error(errno);
    request.link(target.data());
}

} // namespace cachefiles::mount
