// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/rate_limit.hpp"
#include "ctl/arguments.hpp"
#include "ctl/failure.hpp"
#include "ctl/interrupts.hpp"
#include "ctl/local/tree_look.hpp"
#include "ctl/local/warmer.hpp"
#include "ctl/targets.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/verbs.hpp"
#include "ctl/view/capacity.hpp"
#include "ctl/view/warm_view.hpp"

#include <fmt/format.h>

#include <poll.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <deque>
#include <utility>

namespace cachefiles::ctl {
namespace {

constexpr std::array warm_options{
    Option{"rate", "SIZE/s", "read no more than so much a second"},
    Option{"jobs", "N", "so many files at a time, 4 by default"},
    Option{"dry-run", "", "read nothing, say what would be"},
};

constexpr std::uint64_t usual_jobs = 4; // of small files the round trips count, not the bytes
constexpr std::uint64_t most_jobs = 256;
constexpr int redraw_ms_of_warm = 200;
constexpr std::chrono::seconds report_interval{10}; ///< where there is no terminal
constexpr std::chrono::seconds rate_window{10};

/// Bytes a second, over the last few seconds.
class RecentRate final {
public:
    double add(std::chrono::nanoseconds now, std::uint64_t bytes) {
        samples_.emplace_back(now, bytes);
        while (samples_.size() > 2 && now - samples_.front().first > rate_window)
            samples_.pop_front();
        const std::chrono::duration<double> time = now - samples_.front().first;
        return time.count() > 0
                   ? static_cast<double>(bytes - samples_.front().second) / time.count()
                   : 0;
    }

private:
    std::deque<std::pair<std::chrono::nanoseconds, std::uint64_t>> samples_;
};

std::uint64_t read_rate(const Arguments& arguments) {
    std::string text = arguments.text("rate").value_or("0");
    if (text.ends_with("/s"))
        text.resize(text.size() - 2);
    const std::uint64_t rate = read_bytes("--rate", text);
    if (rate == 0 && arguments.has("rate"))
        throw Failure(ExitStatus::usage, "--rate: is to be more than nothing");
    return rate;
}

unsigned read_jobs(const Arguments& arguments) {
    const std::uint64_t jobs = arguments.number("jobs").value_or(usual_jobs);
    if (jobs == 0 || jobs > most_jobs)
        throw Failure(ExitStatus::usage, fmt::format("--jobs: is to be 1 to {}", most_jobs));
    return static_cast<unsigned>(jobs);
}

/// Whatever is read would be in vain.
void need_cache(const std::vector<std::string>& paths, const std::vector<MountFacts>& mounts) {
    for (std::size_t i = 0; i < mounts.size(); ++i) {
        if (!mounts[i].online)
            throw Failure(ExitStatus::not_running,
                          fmt::format("{}: the mount has no cache at this moment: the daemon does "
                                      "not run, or has none online; see cachefilesctl status",
                                      visible(paths[i])));
    }
}

/// If the daemon can be asked, and only then: the trees themselves are read without it.
std::optional<std::string> cache_too_small(Context& context, const TreeSum& found) {
    try {
        const Snapshot snapshot = context.service().snapshot();
        return too_large(found, chosen_cache(context, snapshot));
    } catch (const Failure&) {
        return std::nullopt;
    }
}

class Warming final {
public:
    Warming(Context& context, const WarmOptions& options, const TreeSum& found)
        : context_(context), line_(context), begin_(clock_.monotonic()), report_(report_interval),
          warmer_(options, std::make_shared<MountShares>()) {
        values_.found = found;
        static_cast<void>(report_.pass(begin_)); // the first is due later
    }

    /// Until all is read, or somebody has enough of it.
    WarmValues run() {
        std::array<pollfd, 2> polled{pollfd{interrupts_.fd(), POLLIN, 0},
                                     pollfd{warmer_.done_fd(), POLLIN, 0}};
        do {
            show();
            poll(polled.data(), polled.size(), redraw_ms_of_warm);
            values_.canceled = interrupts_.take().has_value();
        } while (!values_.canceled && (polled[1].revents & POLLIN) == 0);
        if (values_.canceled)
            warmer_.stop();
        look();
        say_complaints(warmer_.complaints(), line_);
        return values_;
    }

private:
    void look() {
        const std::chrono::nanoseconds now = clock_.monotonic();
        values_.count = warmer_.count();
        values_.seconds = std::chrono::duration<double>(now - begin_).count();
        values_.per_second = rate_.add(now, values_.count.bytes);
    }
    void show() {
        look();
        say_complaints(warmer_.complaints(), line_);
        if (line_.shown())
            line_.draw(warm_progress(values_, context_.style()));
        else if (!context_.json() && !context_.globals().quiet && report_.pass(clock_.monotonic()))
            std::fputs(fmt::format("cachefilesctl: {}\n", warm_text(values_)).c_str(), stderr);
    }

    Context& context_;
    SystemClock clock_;
    Interrupts interrupts_{SIGINT, SIGTERM}; // before the threads: they are not to have signals
    ProgressLine line_;
    std::chrono::nanoseconds begin_;
    RateLimit report_;
    RecentRate rate_;
    WarmValues values_;
    Warmer warmer_;
};

ExitStatus conclude(Context& context, const WarmValues& values, bool dry_run) {
    if (context.json())
        context.print(to_line(warm_json(values, dry_run)));
    else
        context.say(dry_run ? warm_plan(values.found) : warm_result(values));
    const WarmCount& count = values.count;
    if (count.in_vain || (count.missing > 0 && count.kept == 0 && !values.canceled))
        throw Failure(
            ExitStatus::failure,
            "nothing of what is read stays in the cache: it has no room, or none for this "
            "user, or is not online; see cachefilesctl status");
    return values.canceled || count.unreadable > 0 || count.missing > 0 ? ExitStatus::failure
                                                                        : ExitStatus::success;
}

ExitStatus run_warm(Context& context, const Arguments& arguments) {
    context.need_this_machine("warm");
    WarmOptions options;
    options.paths = arguments.operands();
    options.jobs = read_jobs(arguments);
    options.bytes_per_second = read_rate(arguments);
    const bool dry_run = arguments.has("dry-run");
    const MountShares shares;
    const std::vector<MountFacts> mounts = need_cachefiles_mounts(options.paths, shares);
    if (!dry_run)
        need_cache(options.paths, mounts);
    WarmValues values;
    Complaints complaints;
    TreeLook look(context, shares, complaints, options.jobs);
    if (!dry_run)
        look.hide_complaints(); // they come again
    for (const std::string& path : options.paths) {
        TreeWalk walk(path, complaints);
        values.found.add(
            look.look(walk, [](const std::string&, const CachedShare&) { return true; }));
    }
    if (const std::optional<std::string> why = cache_too_small(context, values.found))
        std::fputs(
            fmt::format("cachefilesctl: {}: what is read first will be gone when the last is "
                        "read\n",
                        *why)
                .c_str(),
            stderr);
    if (dry_run)
        values.count.unreadable = complaints.count();
    else
        values = Warming(context, options, values.found).run();
    return conclude(context, values, dry_run);
}

} // namespace

Verb warm_verb() {
    return {"warm",
            "PATH...",
            1,
            any_number,
            "bring a tree into the cache, through a cachefiles-mount",
            warm_options,
            run_warm};
}

} // namespace cachefiles::ctl
