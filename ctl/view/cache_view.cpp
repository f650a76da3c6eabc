// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/view/cache_view.hpp"

#include "base/units.hpp"
#include "ctl/text/bar.hpp"
#include "ctl/text/figures.hpp"
#include "ctl/text/paint.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/text/width.hpp"
#include "ctl/view/fullness.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace cachefiles::ctl {
namespace {

constexpr std::size_t label_width = 10;
constexpr unsigned widest_bar = 60;

std::string in_one_line(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts)
        text += (text.empty() ? "" : ", ") + part;
    return text;
}

/// "321.0 GiB of 1.8 TiB free (17%): run 7%, cull 5%, stop 1%"
std::string blocks_text(const CacheValues& cache) {
    const LimitValues& limits = cache.limits;
    return fmt::format("{} of {} free ({}): run {}%, cull {}%, stop {}%",
                       format_bytes(cache.free_bytes), format_bytes(cache.space_bytes),
                       format_share(free_blocks(cache).value_or(0)), limits.brun, limits.bcull,
                       limits.bstop);
}

std::string files_text(const CacheValues& cache) {
    const LimitValues& limits = cache.limits;
    return fmt::format("{} of {} free ({}): run {}%, cull {}%, stop {}%",
                       format_count(cache.free_files), format_count(cache.space_files),
                       format_share(free_files(cache).value_or(0)), limits.frun, limits.fcull,
                       limits.fstop);
}

/// In two lines where one is too short.
std::string limits_lines(const LimitValues& limits, const Style& style) {
    const std::string text = limits_text(limits);
    const std::size_t cut = text.find(", max-age");
    if (columns(text) + label_width <= style.width || cut == std::string::npos)
        return labelled("Limits", text, style);
    return labelled("Limits", text.substr(0, cut + 1), style) +
           labelled("", text.substr(cut + 2), style);
}

std::string history_text(const Snapshot& snapshot, const CacheValues& cache) {
    if (cache.oldest_use == 0)
        return "nothing in it that is not in use";
    return fmt::format("what was used last {} is still here, and what was used since",
                       format_ago(snapshot.time, cache.oldest_use));
}

std::string pinned_text(const Snapshot& snapshot, const CacheValues& cache) {
    std::uint64_t count = 0, bytes = 0;
    for (const VolumeValues& volume : snapshot.volumes) {
        if (volume.cache == cache.path && volume.pinned) {
            ++count;
            bytes += volume.bytes;
        }
    }
    if (count == 0)
        return {};
    return fmt::format("; pinned {} in {} volume{}", format_bytes(bytes), count,
                       count == 1 ? "" : "s");
}

} // namespace

std::string labelled(std::string_view label, std::string_view text, const Style& style) {
    const std::size_t room = style.width > label_width ? style.width - label_width : 1;
    return paint(style, Ink::bold, pad_right(label, label_width)) + clip(text, room, style) + "\n";
}

std::string state_text(const CacheValues& cache) {
    std::vector<std::string> parts{visible(cache.state)};
    if (cache.paused)
        parts.emplace_back("culling paused");
    else if (cache.stalled)
        parts.push_back(fmt::format("stalled ({})", visible(cache.reason)));
    else if (cache.culling)
        parts.push_back(fmt::format("culling ({})", visible(cache.reason)));
    else
        parts.emplace_back("not culling");
    if (!cache.in_step)
        parts.emplace_back("index being filled");
    return in_one_line(parts);
}

std::string limits_text(const LimitValues& limits) {
    std::vector<std::string> parts;
    if (limits.max_size)
        parts.push_back("max-size " + format_bytes(*limits.max_size));
    if (limits.max_files)
        parts.push_back("max-files " + format_count(*limits.max_files));
    if (limits.min_free)
        parts.push_back("min-free " + format_bytes(*limits.min_free));
    if (limits.max_age)
        parts.push_back("max-age " + format_duration(*limits.max_age));
    if (limits.min_age > 0)
        parts.push_back("min-age " + format_duration(limits.min_age));
    return parts.empty() ? "none but the watermarks" : in_one_line(parts);
}

std::string fullness_view(const CacheValues& cache, const Style& style) {
    const std::vector<Fullness> limits = fullness(cache);
    if (limits.empty())
        return labelled("Full", "no limit, and the file system says nothing", style);
    const Fullness& nearest = limits.front();
    const unsigned room = style.width > 40 ? style.width - 34 : 6;
    const std::string gauge = bar(nearest.fraction, std::min(room, widest_bar), style);
    const Ink ink = nearest.fraction >= 1 ? Ink::yellow : Ink::green;
    return paint(style, Ink::bold, pad_right("Full", label_width)) + paint(style, ink, gauge) +
           fmt::format(" {} of {}\n", format_share(nearest.fraction), nearest.limit) +
           labelled("", describe(nearest), style);
}

std::string cache_view(const Snapshot& snapshot, const CacheValues& cache, const Style& style) {
    std::string text = labelled(
        "Cache", fmt::format("{} in {}", visible(cache.tag), visible(cache.directory)), style);
    text += labelled("State",
                     fmt::format("{}; lost {} time{} since the daemon began", state_text(cache),
                                 cache.losses, cache.losses == 1 ? "" : "s"),
                     style);
    text += fullness_view(cache, style);
    text += labelled("Holds",
                     fmt::format("{} in {} objects, {} in use{}", format_bytes(cache.bytes),
                                 format_count(cache.objects), format_count(cache.objects_in_use),
                                 pinned_text(snapshot, cache)),
                     style);
    text += labelled("History", history_text(snapshot, cache), style);
    if (cache.space_bytes > 0)
        text += labelled("Disk", blocks_text(cache), style);
    if (cache.space_files > 0)
        text += labelled("Inodes", files_text(cache), style);
    return text + limits_lines(cache.limits, style);
}

} // namespace cachefiles::ctl
