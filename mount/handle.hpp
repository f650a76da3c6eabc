// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "mount/cached_file.hpp"
#include "mount/fuse.hpp"
#include "mount/node.hpp"
#include "mount/read_ahead.hpp"

namespace cachefiles::mount {

/// An open file of the mount: what FUSE calls a file handle.
struct Handle final {
    NodePtr node;
    std::shared_ptr<CachedFile> file;
    ReadAhead ahead;
    bool writes = false;
    bool changed = false;     ///< its content was found to be another when it was opened
    bool joined = false;      ///< somebody else was writing it then
    bool passthrough = false; ///< the kernel reads it by itself
    bool cached = false;      ///< by way of its page cache
    Fd source;                ///< the caller's own open file there, if it writes
    std::mutex mutex;         ///< guards what follows
    Fd lock;                  ///< for flock(2), which is of an open file
};

/// An open directory: its listing as it was when it was read from the beginning.
struct DirectoryHandle final {
    struct Entry {
        std::string name;
        std::uint64_t inode = 0;
        std::uint32_t type = 0; ///< S_IF*; 0: unknown
    };

    NodePtr node;
    std::mutex mutex;
    std::shared_ptr<const std::vector<Entry>> entries;
};

/// What the kernel has for it, from the open to the release.
template<typename Opened>
std::uint64_t number_of(const std::unique_ptr<Opened>& handle) {
    return reinterpret_cast<std::uintptr_t>(handle.get());
}

/// The kernel has taken it, or not: then it is still there.
template<typename Opened>
void give_if(bool taken, std::unique_ptr<Opened>& handle) {
    if (taken) [[maybe_unused]]
        Opened* const given = handle.release();
}

// Of a request about something open.
inline Handle& handle_of(const fuse_file_info& file) {
    return *reinterpret_cast<Handle*>(file.fh); // NOLINT(performance-no-int-to-ptr): see number_of
}
inline DirectoryHandle& directory_of(const fuse_file_info& file) {
    return *reinterpret_cast<DirectoryHandle*>(file.fh); // NOLINT(performance-no-int-to-ptr)
}

} // namespace cachefiles::mount
