// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/view/verdict.hpp"

#include "base/units.hpp"
#include "ctl/text/figures.hpp"
#include "ctl/view/fullness.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cachefiles::ctl {
namespace {

using Level = Verdict::Level;

/// What was used a little ago, and is removed: the cache is too small for what is read through it.
constexpr Seconds short_history = 3600;

/// So near to a limit that the history is what fits.
constexpr double nearly_full = 0.9;

std::string_view plural(std::uint64_t count) {
    return count == 1 ? "" : "s";
}

Verdict judge_stall(const Snapshot& snapshot, const CacheValues& cache) {
    std::uint64_t pinned = 0;
    for (const VolumeValues& volume : snapshot.volumes)
        pinned += volume.cache == cache.path && volume.pinned ? volume.bytes : 0;
    const bool stops = below_stop(cache);
    Verdict verdict{stops ? Level::trouble : Level::attention,
                    fmt::format("room is wanted ({}), and nothing can be culled{}", cache.reason,
                                stops ? "; nothing is stored" : ""),
                    ""};
    if (cache.objects > 0 && cache.objects_in_use * 2 > cache.objects)
        verdict.next = fmt::format("{} of {} objects are in use: close files, or unmount",
                                   format_count(cache.objects_in_use), format_count(cache.objects));
    else if (pinned * 2 > cache.bytes && pinned > 0)
        verdict.next =
            fmt::format("{} are pinned: cachefilesctl unpin VOLUME", format_bytes(pinned));
    else if (cache.limits.min_age > 0)
        verdict.next = "cachefilesctl ages; then lower it: cachefilesctl limits min-age=none";
    else
        verdict.next = "see what fills the disk beside the cache: df, du";
    return verdict;
}

Verdict judge_history(const Snapshot& snapshot, const CacheValues& cache) {
    const std::vector<Fullness> limits = fullness(cache);
    const bool full = !limits.empty() && limits.front().fraction >= nearly_full;
    const Seconds age = static_cast<Seconds>(
        (snapshot.time - std::min(cache.oldest_use, snapshot.time)) / usec_per_second);
    if (full && cache.oldest_use > 0 && age < short_history)
        return {Level::attention,
                fmt::format("only what was used within the last {} fits", format_duration(age)),
                "give it room (cachefilesctl limits), or see who fills it: cachefilesctl top"};
    if (cache.culling)
        return {Level::ok, fmt::format("online; making room ({})", cache.reason), "nothing to do"};
    return {Level::ok, "online, and there is room", "nothing to do"};
}

Verdict judge(const Snapshot& snapshot, const CacheValues& cache) {
    if (cache.state == "lost")
        return {Level::trouble,
                "the cache is lost: reads go to the servers; it is bound anew by itself",
                "see why: journalctl -u cachefilesd; dmesg (the disk?)"};
    if (cache.state != "online")
        return {Level::trouble,
                fmt::format("the cache is {}: reads go to the servers", cache.state),
                "wait for it, or: systemctl start cachefilesd"};
    if (cache.paused)
        return {below_stop(cache) ? Level::trouble : Level::attention,
                below_stop(cache) ? "culling is paused, and the disk is full: nothing is stored"
                                  : "culling is paused: the cache only grows",
                "cachefilesctl resume"};
    if (cache.stalled)
        return judge_stall(snapshot, cache);
    if (below_stop(cache))
        return {Level::trouble, "the disk is full: nothing is stored until there is room",
                cache.culling ? "it is being culled; watch it: cachefilesctl top"
                              : "see what fills the disk beside the cache: df, du"};
    if (!cache.in_step)
        return {Level::attention, "the index is being filled; nothing is culled before that",
                "wait; watch it: cachefilesctl top"};
    if (cache.losses > 0)
        return {Level::attention,
                fmt::format("the cache was lost {} time{} since the daemon began", cache.losses,
                            plural(cache.losses)),
                "see why: journalctl -u cachefilesd; dmesg (the disk?)"};
    return judge_history(snapshot, cache);
}

Verdict judge_jobs(const Snapshot& snapshot) {
    for (const JobValues& job : snapshot.jobs) {
        if (job.state == "failed")
            return {Level::attention,
                    fmt::format("job {} ({}) failed: {}", job.number(), job.kind, job.message),
                    "journalctl -u cachefilesd; then try it again"};
    }
    return {};
}

} // namespace

std::string_view to_string(Verdict::Level level) {
    switch (level) {
    case Level::ok:
        break;
    case Level::attention:
        return "attention";
    case Level::trouble:
        return "trouble";
    }
    return "ok";
}

Verdict judge(const Snapshot& snapshot) {
    if (snapshot.caches.empty() && snapshot.backend == "device")
        return {Level::ok, "the device file is there; who binds a cache by it, administers it",
                "nothing to do"};
    if (snapshot.caches.empty())
        return {Level::trouble, "the daemon runs, and has no cache: reads go to the servers",
                "see why: journalctl -u cachefilesd; cachefilesctl doctor"};
    Verdict worst = judge(snapshot, snapshot.caches.front());
    const auto consider = [&](Verdict verdict, const std::string& tag) {
        if (verdict.level <= worst.level)
            return;
        if (!tag.empty() && snapshot.caches.size() > 1)
            verdict.why = fmt::format("{}: {}", tag, verdict.why);
        worst = std::move(verdict);
    };
    for (const CacheValues& cache : snapshot.caches)
        consider(judge(snapshot, cache), cache.tag);
    consider(judge_jobs(snapshot), "");
    return worst;
}

} // namespace cachefiles::ctl
