// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/view/top_view.hpp"

#include "base/units.hpp"
#include "ctl/job_watch.hpp"
#include "ctl/text/bar.hpp"
#include "ctl/text/figures.hpp"
#include "ctl/text/paint.hpp"
#include "ctl/text/table.hpp"
#include "ctl/text/visible.hpp"
#include "ctl/text/width.hpp"
#include "ctl/view/cache_view.hpp"
#include "ctl/view/fullness.hpp"
#include "ctl/view/rates.hpp"
#include "ctl/view/status_json.hpp"
#include "ctl/view/status_view.hpp"
#include "ctl/view/volumes_view.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cachefiles::ctl {
namespace {

constexpr unsigned frame_of_gauge = 50; // columns of the line beside its bar

double seconds_between(const Snapshot& before, const Snapshot& now) {
    return now.time > before.time ? static_cast<double>(now.time - before.time) / usec_per_second
                                  : 0;
}

const CacheValues* find_cache(const Snapshot* snapshot, const std::string& path) {
    if (snapshot == nullptr)
        return nullptr;
    const auto found = std::ranges::find(snapshot->caches, path, &CacheValues::path);
    return found == snapshot->caches.end() ? nullptr : &*found;
}

std::string gauge_line(const Fullness& limit, const Style& style) {
    const unsigned room = style.width > frame_of_gauge + 10 ? style.width - frame_of_gauge : 10;
    const Ink ink = limit.fraction >= 1 ? Ink::yellow : Ink::green;
    return fmt::format("{:<10}{} {:>4}  {}\n", limit.limit,
                       paint(style, ink, bar(limit.fraction, room, style)),
                       format_share(limit.fraction), clip(describe(limit), 32, style));
}

std::string rates_line(const CacheValues* before, const CacheValues& now, double seconds,
                       const Style& style) {
    std::string text;
    if (before != nullptr) {
        for (const Rate& rate : rates(*before, now, seconds))
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", rate.what, describe(rate));
    }
    return labelled("Rates", text.empty() ? "not counted yet" : text, style);
}

std::string cache_lines(const Snapshot& now, const Snapshot* before, const CacheValues& cache,
                        const Style& style) {
    std::string text =
        labelled("Cache", fmt::format("{}: {}", visible(cache.tag), state_text(cache)), style);
    for (const Fullness& limit : fullness(cache))
        text += gauge_line(limit, style);
    text += labelled("Holds",
                     fmt::format("{} in {} objects, {} in use; oldest used {}",
                                 format_bytes(cache.bytes), format_count(cache.objects),
                                 format_count(cache.objects_in_use),
                                 format_ago(now.time, cache.oldest_use)),
                     style);
    const double seconds = before == nullptr ? 0 : seconds_between(*before, now);
    return text + rates_line(find_cache(before, cache.path), cache, seconds, style);
}

std::string first_lines(const std::string& text, std::size_t count) {
    std::size_t end = 0;
    for (; count > 0 && end < text.size(); --count)
        end = text.find('\n', end) + 1;
    return text.substr(0, end);
}

} // namespace

std::string top_view(const Snapshot& now, const Snapshot* before, const Style& style) {
    std::string text = verdict_view(judge(now), style);
    for (const CacheValues& cache : now.caches)
        text += cache_lines(now, before, cache, style);
    for (const JobValues& job : now.jobs) {
        if (!job.ended())
            text += labelled(
                job.kind,
                progress_view(job, {style.colour, style.utf8, style.width - 10, style.height}),
                style);
    }
    text += "\n";
    const auto taken = static_cast<std::size_t>(std::ranges::count(text, '\n'));
    if (style.height > taken + 1 && !now.volumes.empty())
        text += volumes_view(sorted(now.volumes, VolumeOrder::size), now.time,
                             style.height - taken - 1, style);
    return first_lines(text, style.height);
}

Json top_json(const Snapshot& now, const Snapshot* before) {
    Json result = status_json(now);
    for (std::size_t i = 0; i < now.caches.size(); ++i) {
        const CacheValues* const then = find_cache(before, now.caches[i].path);
        Json& rates_of_it = result["caches"][i]["rates"];
        rates_of_it = nullptr;
        if (then == nullptr)
            continue;
        rates_of_it = Json::object();
        for (const Rate& rate : rates(*then, now.caches[i], seconds_between(*before, now)))
            rates_of_it[std::string(rate.what)] = rate.per_second;
    }
    return result;
}

} // namespace cachefiles::ctl
