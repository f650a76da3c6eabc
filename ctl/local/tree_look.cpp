// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/local/tree_look.hpp"

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/units.hpp"
#include "ctl/failure.hpp"
#include "ctl/text/figures.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/text/width.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <expected>

namespace cachefiles::ctl {
namespace {

constexpr std::chrono::milliseconds redraw_interval{200}; // faster than that nobody reads

} // namespace

TreeLook::TreeLook(const Context& context, const CachedShares& shares, Complaints& complaints)
    : context_(context), shares_(shares), complaints_(complaints), line_(context),
      redraw_(redraw_interval) {}

TreeSum TreeLook::look(TreeWalk& walk, const Each& each) {
    TreeSum sum;
    while (const std::optional<FoundFile> file = walk.next()) {
        if (const std::expected<CachedShare, int> share = shares_.of(file->place.get())) {
            sum.add(*share);
            if (!each(file->path, *share))
                break;
        } else {
            complaints_.add(file->path, share.error());
        }
        show(sum);
    }
    before_.add(sum);
    if (says_complaints_)
        say_complaints(complaints_, line_);
    line_.wipe();
    return sum;
}

void TreeLook::show(const TreeSum& sum) {
    if (!progress_ || !line_.shown() || !redraw_.pass(SystemClock().monotonic()))
        return;
    if (says_complaints_)
        say_complaints(complaints_, line_);
    line_.draw(clip(fmt::format("{} files, {}", format_count(before_.files + sum.files),
                                format_bytes(before_.bytes + sum.bytes)),
                    context_.style().width - 1, context_.style()));
}

MountFacts need_cachefiles_mount(const TreeWalk& walk, const CachedShares& shares) {
    const std::expected<MountFacts, int> facts = shares.mount(walk.place());
    if (facts)
        return *facts;
    if (facts.error() != ENODATA)
        throw Failure(ExitStatus::failure,
                      fmt::format("{}: {}", visible(walk.path()), errno_text(facts.error())));
    throw Failure(ExitStatus::failure,
                  fmt::format("{}: is on no cachefiles-mount; what is cached of a network file "
                              "system with the option fsc is asked for with cachefilesctl objects",
                              visible(walk.path())));
}

std::vector<MountFacts> need_cachefiles_mounts(const std::vector<std::string>& paths,
                                               const CachedShares& shares) {
    std::vector<MountFacts> facts;
    facts.reserve(paths.size());
    Complaints complaints; // come again when they are looked at
    for (const std::string& path : paths)
        facts.push_back(need_cachefiles_mount(TreeWalk(path, complaints), shares));
    return facts;
}

void say_complaints(Complaints& complaints, ProgressLine& line) {
    for (const std::string& complaint : complaints.take()) {
        line.wipe();
        std::fputs(fmt::format("cachefilesctl: {}\n", complaint).c_str(), stderr);
    }
}

} // namespace cachefiles::ctl
