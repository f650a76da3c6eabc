// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/node_table.hpp"

#include "mount/fuse.hpp"

#include <fcntl.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <utility>

namespace cachefiles::mount {

Node::Identity Node::Identity::of(const Attributes& attributes) {
    return {makedev(attributes.stx_dev_major, attributes.stx_dev_minor), attributes.stx_ino};
}

NodeTable::NodeTable(int root, const Attributes& attributes, std::size_t most_descriptors)
    : most_descriptors_(most_descriptors), last_id_(FUSE_ROOT_ID) {
    const NodePtr node = std::make_shared<Node>(FUSE_ROOT_ID, Node::Identity::of(attributes));
    node->lookups = 1; // the kernel never gives it back
    node->path = std::make_shared<const Fd>(fcntl(root, F_DUPFD_CLOEXEC, 0));
    node->pinned = true;
    node->attributes = attributes;
    node->version = Version::of(attributes);
    by_identity_[node->identity] = node.get();
    nodes_[node->id] = node;
}

NodePtr NodeTable::find(std::uint64_t id) {
    const Lock lock(mutex_);
    const auto found = nodes_.find(id);
    return found == nodes_.end() ? nullptr : found->second;
}

NodePtr NodeTable::look_up(const NodePtr& parent, const char* name, const Attributes& attributes) {
    const Node::Identity identity = Node::Identity::of(attributes);
    const Lock lock(mutex_);
    if (const auto found = by_identity_.find(identity); found != by_identity_.end()) {
        Node& node = *found->second;
        ++node.lookups;
        if (node.id != FUSE_ROOT_ID && !node.pinned) {
            node.parent = parent;
            node.name = name;
        }
        return nodes_.at(node.id);
    }
    const NodePtr node = std::make_shared<Node>(++last_id_, identity);
    node->parent = parent;
    node->name = name;
    node->lookups = 1;
    nodes_[node->id] = node;
    by_identity_[identity] = node.get();
    return node;
}

void NodeTable::forget(std::uint64_t id, std::uint64_t lookups) {
    NodePtr gone; // its descriptors are closed without the lock
    const Lock lock(mutex_);
    const auto found = nodes_.find(id);
    if (found == nodes_.end() || id == FUSE_ROOT_ID)
        return;
    Node& node = *found->second;
    node.lookups -= std::min(node.lookups, lookups);
    if (node.lookups > 0)
        return;
    drop(node);
    const auto same = by_identity_.find(node.identity);
    if (same != by_identity_.end() && same->second == &node)
        by_identity_.erase(same);
    gone = std::move(found->second);
    nodes_.erase(found);
}

void NodeTable::drop(Node& node) noexcept {
    if (node.path && !node.pinned)
        open_.erase(node.last_used);
    node.pinned = true; // nobody puts it into the list again
}

std::shared_ptr<const Fd> NodeTable::path_if_open(const NodePtr& node) {
    const Lock lock(mutex_);
    if (node->path && !node->pinned)
        open_.splice(open_.end(), open_, node->last_used);
    return node->path;
}

std::expected<std::shared_ptr<const Fd>, int> NodeTable::path_of(const NodePtr& node) {
    if (std::shared_ptr<const Fd> path = path_if_open(node))
        return path;
    NodePtr parent;
    std::string name;
    {
        const Lock lock(mutex_);
        parent = node->parent;
        name = node->name;
    }
    if (parent == nullptr)
        return std::unexpected(ESTALE);
    // A chain of directories that are closed: as deep as the tree.
    const std::expected<std::shared_ptr<const Fd>, int> directory = path_of(parent);
    if (!directory)
        return directory;
    Fd opened(openat((*directory)->get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!opened)
        return std::unexpected(errno == ENOENT || errno == ENOTDIR ? ESTALE : errno);
    const std::expected<Attributes, int> attributes = attributes_of(opened.get());
    if (!attributes)
        return std::unexpected(attributes.error());
    if (Node::Identity::of(*attributes) != node->identity)
        return std::unexpected(ESTALE);
    std::shared_ptr<const Fd> path = std::make_shared<const Fd>(std::move(opened));
    std::list<std::shared_ptr<const Fd>> closed;
    const Lock lock(mutex_);
    if (node->path)
        return node->path;
    keep(*node, path, closed);
    return path;
}

/// Those beyond the limit go to `out`, to be closed without the lock.
void NodeTable::keep(Node& node, std::shared_ptr<const Fd> path,
                     std::list<std::shared_ptr<const Fd>>& out) {
    if (node.pinned) // forgotten meanwhile
        return;
    node.path = std::move(path);
    node.last_used = open_.insert(open_.end(), &node);
    while (open_.size() > most_descriptors_) {
        out.push_back(std::exchange(open_.front()->path, nullptr));
        open_.pop_front();
    }
}

int NodeTable::pin(const NodePtr& node) {
    const std::expected<std::shared_ptr<const Fd>, int> path = path_of(node);
    if (!path)
        return path.error();
    const Lock lock(mutex_);
    if (node->pinned)
        return 0;
    if (node->path)
        open_.erase(node->last_used);
    node->path = *path;
    node->pinned = true;
    return 0;
}

void NodeTable::moved(const NodePtr& node, const NodePtr& parent, const std::string& name) {
    NodePtr before; // perhaps the last that holds it
    const Lock lock(mutex_);
    before = std::exchange(node->parent, parent);
    node->name = name;
}

void NodeTable::supersede(const NodePtr& node) {
    const Lock lock(mutex_);
    node->superseded = true;
    const auto found = by_identity_.find(node->identity);
    if (found != by_identity_.end() && found->second == node.get())
        by_identity_.erase(found);
}

std::string NodeTable::path_below_root(const NodePtr& node) {
    const Lock lock(mutex_);
    std::string path;
    for (const Node* at = node.get(); at->parent != nullptr; at = at->parent.get())
        path.insert(0, path.empty() ? at->name : at->name + "/");
    return path;
}

std::size_t NodeTable::size() {
    const Lock lock(mutex_);
    return nodes_.size();
}

} // namespace cachefiles::mount
