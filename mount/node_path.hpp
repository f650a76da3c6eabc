// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "mount/node.hpp"

#include <expected>
#include <memory>
#include <mutex>

namespace cachefiles::mount {

class NodeTable;

/// The descriptor of a node's file, O_PATH, for somebody who may never want it: what is in the
/// cache is read without the source. Once had it stays, and keeps the file from being deleted.
/// Any thread.
class NodePath final {
public:
    /// `path`: NULL, if nobody has it open so far. The table outlives this.
    NodePath(NodeTable& nodes, NodePtr node, std::shared_ptr<const Fd> path);

    /// Borrowed; or an errno. ESTALE: the file is gone.
    [[nodiscard]] std::expected<int, int> get();

private:
    NodeTable& nodes_;
    const NodePtr node_;
    std::mutex mutex_; ///< guards what follows
    std::shared_ptr<const Fd> path_;
};

} // namespace cachefiles::mount
