// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "mount/cached_file.hpp"
#include "mount/node.hpp"
#include "mount/read_ahead.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

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

} // namespace cachefiles::mount
