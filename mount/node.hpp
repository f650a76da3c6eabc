// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "mount/attributes.hpp"
#include "mount/version.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>

namespace cachefiles::mount {

class CachedFile;

/// A file of the source that the kernel knows: an inode of the mount. Kept by NodeTable for as long
/// as the kernel has it, and by whoever works with it.
struct Node final {
    struct Identity {
        std::uint64_t device = 0;
        std::uint64_t inode = 0;

        bool operator==(const Identity&) const = default;
        [[nodiscard]] static Identity of(const Attributes& attributes);
    };
    using Time = std::chrono::steady_clock::time_point;

    Node(std::uint64_t number, const Identity& its) : id(number), identity(its) {}

    const std::uint64_t id; ///< what the kernel calls it
    const Identity identity;

    // The table's, under its lock.
    std::shared_ptr<Node> parent;         ///< NULL: the root
    std::string name;                     ///< one of those that it has
    std::uint64_t lookups = 0;            ///< that the kernel has to give back
    std::shared_ptr<const Fd> path;       ///< O_PATH; NULL: closed, is opened by name again
    std::list<Node*>::iterator last_used; ///< of `path`, if that may be closed
    bool pinned = false;                  ///< `path` stays: there is no name to open it by
    std::atomic<bool> superseded{false};  ///< the file's new content has another node

    /// Guards what follows.
    std::mutex mutex;
    Attributes attributes{};        ///< as last seen
    Version version;                ///< of those
    Time validated;                 ///< when
    std::weak_ptr<CachedFile> file; ///< while it is open
    std::string handle_key;         ///< of its cookie, if its name is no part of that
    /// What the kernel has in its page cache is of `pages`, and nothing else.
    Version pages;
    bool has_pages = false;
    unsigned cached_opens = 0; ///< by the page cache; not while there are others
    /// By passthrough: the kernel reads a file of the cache by itself, always the same.
    struct Backing {
        int number = 0;
        unsigned users = 0;
        Version version;
    } backing;
};

using NodePtr = std::shared_ptr<Node>;

} // namespace cachefiles::mount
