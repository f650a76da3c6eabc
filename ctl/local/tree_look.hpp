// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/context.hpp"
#include "ctl/local/cached_share.hpp"
#include "ctl/local/complaints.hpp"
#include "ctl/local/tree_sum.hpp"
#include "ctl/local/tree_walk.hpp"
#include "ctl/progress_line.hpp"

#include <functional>
#include <string>
#include <vector>

namespace cachefiles::ctl {

/// Looks at trees, one after another, from the beginning to the end, with a line of progress.
class TreeLook final {
public:
    /// False: it has had enough.
    using Each = std::function<bool(const std::string& path, const CachedShare& share)>;

    /// `jobs`: so many files at a time.
    TreeLook(const Context& context, const CachedShares& shares, Complaints& complaints,
             unsigned jobs);
    /// Without the line: something else is printed meanwhile.
    void hide_progress() { progress_ = false; }
    /// What cannot be read is not said: it is looked at again.
    void hide_complaints() { says_complaints_ = false; }

    /// `each` is told of every file whose share can be had, one after another, in any thread.
    [[nodiscard]] TreeSum look(TreeWalk& walk, const Each& each);

private:
    struct Work;
    void run(Work& work);
    void wait_for(Work& work);
    void show(const TreeSum& sum);

    const Context& context_;
    const CachedShares& shares_;
    Complaints& complaints_;
    unsigned jobs_;
    bool progress_ = true, says_complaints_ = true;
    ProgressLine line_;
    TreeSum before_; ///< of the trees that are done
};

/// What the mount says of itself that the tree is on. Errors: Failure, if it is no
/// cachefiles-mount.
[[nodiscard]] MountFacts need_cachefiles_mount(const TreeWalk& walk, const CachedShares& shares);
/// The same of all of them, before the first is looked at for long.
[[nodiscard]] std::vector<MountFacts> need_cachefiles_mounts(const std::vector<std::string>& paths,
                                                             const CachedShares& shares);

/// Prints what could not be read, on stderr.
void say_complaints(Complaints& complaints, ProgressLine& line);

} // namespace cachefiles::ctl
