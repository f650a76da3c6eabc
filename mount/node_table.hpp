// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "mount/node.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

namespace cachefiles::mount {

/// The nodes that the kernel knows, and a limited number of descriptors of their files: what was
/// closed is opened again by its name, if that still leads to the same file. Any thread; no lock is
/// held while the source is asked.
class NodeTable final {
public:
    /// `root`: the source's, O_PATH, borrowed. `most_descriptors`: kept open.
    NodeTable(int root, const Attributes& attributes, std::size_t most_descriptors);

    /// NULL: the kernel does not know it (any more).
    [[nodiscard]] NodePtr find(std::uint64_t id);

    /// The node of a file that was found under a name, one lookup more. A superseded one is left
    /// to whoever has it.
    [[nodiscard]] NodePtr look_up(const NodePtr& parent, const char* name,
                                  const Attributes& attributes);
    void forget(std::uint64_t id, std::uint64_t lookups);

    /// The file's descriptor, O_PATH. ESTALE: its name leads to another file now.
    [[nodiscard]] std::expected<std::shared_ptr<const Fd>, int> path_of(const NodePtr& node);
    /// NULL: it is not open.
    [[nodiscard]] std::shared_ptr<const Fd> path_if_open(const NodePtr& node);
    /// Who unlinks its last name calls it before: the file has to be found without one.
    [[nodiscard]] int pin(const NodePtr& node);
    void moved(const NodePtr& node, const NodePtr& parent, const std::string& name);
    /// From now on the file's name leads to a new node.
    void supersede(const NodePtr& node);

    /// Below the root, without a slash at the beginning.
    [[nodiscard]] std::string path_below_root(const NodePtr& node);
    [[nodiscard]] std::size_t size();

private:
    struct Hash {
        std::size_t operator()(const Node::Identity& identity) const noexcept {
            return std::hash<std::uint64_t>()(identity.inode * 0x9E3779B97F4A7C15U ^
                                              identity.device);
        }
    };
    using Lock = std::unique_lock<std::mutex>;

    void keep(Node& node, std::shared_ptr<const Fd> path,
              std::list<std::shared_ptr<const Fd>>& out);
    void drop(Node& node) noexcept;

    const std::size_t most_descriptors_;
    std::mutex mutex_;
    std::uint64_t last_id_;
    std::unordered_map<std::uint64_t, NodePtr> nodes_;
    std::unordered_map<Node::Identity, Node*, Hash> by_identity_;
    std::list<Node*> open_; ///< with a path that may be closed; the longest unused first
};

} // namespace cachefiles::mount
