// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/mount/slow_source/nodes.hpp"

#include "base/error.hpp"

#include <fcntl.h>

#include <cerrno>

namespace cachefiles::slow_source {

Nodes::Nodes(const std::filesystem::path& root)
    : root_{.fd = Fd(open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)), .identity = {}} {
    if (!root_.fd)
        throw SystemError(root.native());
}

int Nodes::find(fuse_ino_t parent, const char* name, fuse_entry_param& entry) {
    entry = {}; // no time for which anything may be believed
    Fd fd(openat(descriptor(parent), name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!fd || fstat(fd.get(), &entry.attr) != 0)
        return errno;
    const Identity identity(entry.attr.st_dev, entry.attr.st_ino);
    const std::lock_guard lock(mutex_);
    std::unique_ptr<Node>& node = nodes_[identity];
    if (node)
        ++node->lookups;
    else
        node = std::make_unique<Node>(Node{.fd = std::move(fd), .identity = identity});
    entry.ino = reinterpret_cast<fuse_ino_t>(node.get());
    return 0;
}

void Nodes::forget(fuse_ino_t inode, std::uint64_t lookups) {
    if (inode == FUSE_ROOT_ID)
        return;
    const std::lock_guard lock(mutex_);
    const auto found = nodes_.find(node(inode).identity);
    found->second->lookups -= lookups;
    if (found->second->lookups == 0)
        nodes_.erase(found);
}

} // namespace cachefiles::slow_source
