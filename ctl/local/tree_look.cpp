// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/local/tree_look.hpp"

#include "base/error.hpp"
#include "base/units.hpp"
#include "ctl/failure.hpp"
#include "ctl/text/figures.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/text/width.hpp"

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <expected>
#include <mutex>
#include <thread>

namespace cachefiles::ctl {
namespace {

constexpr std::chrono::milliseconds redraw_interval{200}; // faster than that nobody reads

} // namespace

struct TreeLook::Work {
    TreeWalk& walk;
    const Each& each;
    std::mutex walk_mutex;
    std::mutex mutex; ///< of what is below
    std::condition_variable ended;
    TreeSum sum;
    unsigned running = 0;
    std::atomic<bool> enough = false;
};

TreeLook::TreeLook(const Context& context, const CachedShares& shares, Complaints& complaints,
                   unsigned jobs)
    : context_(context), shares_(shares), complaints_(complaints), jobs_(jobs), line_(context) {}

TreeSum TreeLook::look(TreeWalk& walk, const Each& each) {
    Work work{walk, each, {}, {}, {}, {}, jobs_, false};
    {
        std::vector<std::jthread> threads(jobs_);
        for (std::jthread& thread : threads)
            thread = std::jthread([&] { run(work); });
        wait_for(work);
    }
    before_.add(work.sum);
    if (says_complaints_)
        say_complaints(complaints_, line_);
    line_.wipe();
    return work.sum;
}

void TreeLook::run(Work& work) {
    while (!work.enough) {
        std::optional<FoundFile> file;
        {
            const std::lock_guard lock(work.walk_mutex);
            file = work.walk.next();
        }
        if (!file)
            break;
        const std::optional<Fd> place = work.walk.place_of(*file);
        if (!place)
            continue;
        const std::expected<CachedShare, int> share = shares_.of(place->get());
        if (!share) {
            complaints_.add(file->path, share.error());
            continue;
        }
        const std::lock_guard lock(work.mutex);
        work.sum.add(*share);
        if (!work.enough && !work.each(file->path, *share))
            work.enough = true;
    }
    const std::lock_guard lock(work.mutex);
    --work.running;
    work.ended.notify_all();
}

void TreeLook::wait_for(Work& work) {
    std::unique_lock lock(work.mutex);
    while (!work.ended.wait_for(lock, redraw_interval, [&] { return work.running == 0; }))
        show(work.sum);
}

void TreeLook::show(const TreeSum& sum) {
    if (!progress_ || !line_.shown())
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
