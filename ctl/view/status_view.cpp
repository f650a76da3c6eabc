// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/view/status_view.hpp"

#include "base/units.hpp"
#include "ctl/text/bar.hpp"
#include "ctl/text/figures.hpp"
#include "ctl/text/paint.hpp"
#include "ctl/text/table.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/text/width.hpp"
#include "ctl/view/cache_view.hpp"
#include "ctl/view/fullness.hpp"
#include "ctl/view/volumes_view.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cachefiles::ctl {
namespace {

/// Of the screen: the verdict, the line of the shell below it.
constexpr std::size_t most_jobs = 2;

Ink ink(Verdict::Level level) {
    switch (level) {
    case Verdict::Level::ok:
        return Ink::green;
    case Verdict::Level::attention:
        return Ink::yellow;
    case Verdict::Level::trouble:
        break;
    }
    return Ink::red;
}

std::string word(Verdict::Level level) {
    switch (level) {
    case Verdict::Level::ok:
        return "OK";
    case Verdict::Level::attention:
        return "ATTENTION";
    case Verdict::Level::trouble:
        break;
    }
    return "TROUBLE";
}

std::string job_line(const JobValues& job, const Style& style) {
    std::string text = fmt::format("{} {}, {}", job.number(), job.kind, job.state);
    if (job.state == "running")
        text += " " + format_share(job.progress / 10000.0);
    text += fmt::format(": {} objects, {}", format_count(job.objects), format_bytes(job.bytes));
    if (job.state == "failed")
        text = fmt::format("{} {}, failed: {}", job.number(), job.kind, visible(job.message));
    return labelled("Job", text, style);
}

/// Those under way, or that failed, first.
std::vector<JobValues> notable(std::vector<JobValues> jobs) {
    std::ranges::stable_sort(jobs, {}, [](const JobValues& job) {
        return job.state == "failed" ? 0 : job.state == "running" ? 1 : job.ended() ? 3 : 2;
    });
    if (jobs.size() > most_jobs)
        jobs.resize(most_jobs);
    return jobs;
}

/// One word, of what matters most.
std::string short_state(const CacheValues& cache) {
    if (cache.state != "online")
        return visible(cache.state);
    return cache.paused     ? "paused"
           : cache.stalled  ? "stalled"
           : cache.culling  ? "culling"
           : !cache.in_step ? "filling"
                            : "online";
}

std::string several(const Snapshot& snapshot, const Style& style) {
    using enum Table::Align;
    Table table({{"CACHE", left, true},
                 {"STATE", left},
                 {"SIZE", right},
                 {"OBJECTS", right},
                 {"FULL", right},
                 {"LIMIT", left},
                 {"HISTORY", right}});
    for (const CacheValues& cache : snapshot.caches) {
        const std::vector<Fullness> limits = fullness(cache);
        table.add({visible(cache.tag), short_state(cache), format_bytes(cache.bytes),
                   format_count(cache.objects),
                   limits.empty() ? "" : format_share(limits.front().fraction),
                   std::string(limits.empty() ? "" : limits.front().limit),
                   format_ago(snapshot.time, cache.oldest_use)});
    }
    return "\n" + table.text(style);
}

std::string volumes(const Snapshot& snapshot, std::size_t room, const Style& style) {
    if (snapshot.volumes.empty() || room < 4)
        return {};
    std::size_t most = room - 2; // an empty line, the headings
    const std::size_t count = snapshot.volumes.size();
    if (count > most)
        --most; // a line that says how many more
    std::string text = "\n" + volumes_view(sorted(snapshot.volumes, VolumeOrder::size),
                                           snapshot.time, most, style);
    if (count > most)
        text += fmt::format("and {} more: cachefilesctl volumes\n", count - most);
    return text;
}

} // namespace

std::string verdict_view(const Verdict& verdict, const Style& style) {
    const std::string mark = word(verdict.level);
    const std::size_t room = style.width - std::min<std::size_t>(style.width, mark.size() + 2);
    return paint(style, ink(verdict.level), mark) + ": " + clip(visible(verdict.why), room, style) +
           "\n" + clip("Next: " + visible(verdict.next), style.width, style) + "\n";
}

std::string status_view(const Snapshot& snapshot, const Style& style) {
    std::string text = verdict_view(judge(snapshot), style) + "\n";
    text += labelled("Daemon",
                     fmt::format("cachefilesd {}, backend {}", visible(snapshot.version),
                                 visible(snapshot.backend)),
                     style);
    if (snapshot.caches.size() == 1)
        text += cache_view(snapshot, snapshot.caches.front(), style);
    for (const JobValues& job : notable(snapshot.jobs))
        text += job_line(job, style);
    if (snapshot.caches.size() > 1)
        text += several(snapshot, style);
    const auto taken = static_cast<std::size_t>(std::ranges::count(text, '\n'));
    const std::size_t screen = std::max(style.height, 24U) - 1; // the shell's line
    return text + volumes(snapshot, screen > taken ? screen - taken : 0, style);
}

} // namespace cachefiles::ctl
