// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "daemon/user/fuse.hpp"

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace cachefiles::slow_source {

/// The files that the kernel knows, each by a descriptor that holds it, also when it has lost its
/// name: an inode number is of one file for as long as the kernel may ask for it. Any thread.
class Nodes final {
public:
    /// SystemError: the directory cannot be opened.
    explicit Nodes(const std::filesystem::path& root);

    /// O_PATH, of the file; valid while the kernel has not forgotten it.
    [[nodiscard]] int descriptor(fuse_ino_t inode) const { return node(inode).fd.get(); }
    /// Looks a name up, once more for a file that is known. 0, or an errno.
    [[nodiscard]] int find(fuse_ino_t parent, const char* name, fuse_entry_param& entry);
    void forget(fuse_ino_t inode, std::uint64_t lookups);

private:
    using Identity = std::pair<dev_t, ino_t>;
    struct Node {
        Fd fd;
        Identity identity;
        std::uint64_t lookups = 1;
    };

    [[nodiscard]] const Node& node(fuse_ino_t inode) const {
        // NOLINTNEXTLINE(performance-no-int-to-ptr): what a FUSE inode is for
        return inode == FUSE_ROOT_ID ? root_ : *reinterpret_cast<const Node*>(inode);
    }

    Node root_;
    std::mutex mutex_; // guards what follows
    std::map<Identity, std::unique_ptr<Node>> nodes_;
};

} // namespace cachefiles::slow_source
