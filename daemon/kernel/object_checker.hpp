// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/tree/cache_tree.hpp"
#include "index/index.hpp"

#include <functional>
#include <vector>

namespace cachefiles::daemon {

/// Finds objects that the driver can never use again: those whose xattr is missing or longer than
/// their network file system writes it (since Linux 6.1.100 a lookup then fails, for ever), those
/// whose name is none, and those in a fan-out directory where nobody looks for them
/// (on-disk-format.md sections 5.2 and 6.2). A crash or a restored backup leaves such files.
///
/// Reading an xattr costs more than the whole scan does, so this is done afterwards, directory by
/// directory, for directories that a scan has read (Index::set_checked).
class ObjectChecker final {
public:
    /// Borrows both.
    ObjectChecker(const CacheTree& tree, index::Index& index);

    /// Checks the next directory; false if none is waiting. Unusable objects are added to `found`.
    [[nodiscard]] bool step(std::vector<index::Object>& found);

private:
    void check(const index::Volume& volume, index::DirectoryId directory,
               std::vector<index::Object>& found);

    const CacheTree& tree_;
    index::Index& index_;
};

} // namespace cachefiles::daemon
