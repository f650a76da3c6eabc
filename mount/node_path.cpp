// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/node_path.hpp"

#include "mount/node_table.hpp"

#include <utility>

namespace cachefiles::mount {

NodePath::NodePath(NodeTable& nodes, NodePtr node, std::shared_ptr<const Fd> path)
    : nodes_(nodes), node_(std::move(node)), path_(std::move(path)) {}

std::expected<int, int> NodePath::get() {
    {
        const std::lock_guard lock(mutex_);
        if (path_)
            return path_->get();
    }
    std::expected<std::shared_ptr<const Fd>, int> path = nodes_.path_of(node_);
    if (!path)
        return std::unexpected(path.error());
    const std::lock_guard lock(mutex_);
    if (!path_)
        path_ = *std::move(path);
    return path_->get();
}

} // namespace cachefiles::mount
