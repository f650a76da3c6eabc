// SPDX-License-Identifier: GPL-2.0-or-later
#include "cull/space_watch.hpp"

#include "cull/saturating.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <utility>

namespace cachefiles::cull {
namespace {

// The index is no finer than its touch granularity, which is a minute.
constexpr Seconds age_interval = 60;

std::uint64_t down_to(std::uint64_t limit) {
    return limit - limit / 20;
} // 95 %
std::uint64_t up_to(std::uint64_t limit) {
    return saturating::add(limit, limit / 20);
} // 105 %

/// Hysteresis: begins above `limit`, ends at 95 % of it.
bool still_above(bool was_above, std::uint64_t held, std::uint64_t limit) {
    return held > limit || (was_above && held > down_to(limit));
}

std::uint64_t excess(std::uint64_t held, const std::optional<std::uint64_t>& limit) {
    return limit ? saturating::subtract(held, down_to(*limit)) : 0;
}

/// How full in terms of the limit; 1 is full.
double fullness(std::uint64_t held, const std::optional<std::uint64_t>& limit) {
    return limit ? static_cast<double>(held) / (static_cast<double>(*limit) + 1) : 0;
}

bool limits_amounts(const VolumeRule* rule) {
    return rule != nullptr && !rule->pin && (rule->max_size || rule->max_files);
}

} // namespace

std::string_view to_string(Reason reason) {
    switch (reason) {
    case Reason::none:
        return "none";
    case Reason::stop_limit:
        return "stop-limit";
    case Reason::watermark:
        return "watermark";
    case Reason::min_free:
        return "min-free";
    case Reason::max_size:
        return "max-size";
    case Reason::max_files:
        return "max-files";
    case Reason::volume:
        return "volume";
    case Reason::max_age:
        return "max-age";
    case Reason::request:
        return "request";
    }
    return "unknown";
}

Cause cause(const Demand& demand) {
    const bool stop = demand.reason == Reason::stop_limit;
    return {stop ? Reason::watermark : demand.reason, demand.only};
}

/// A look at the file system, and what it will be once the graveyard is empty.
struct SpaceWatch::Room {
    const Space& space;
    std::uint64_t blocks_later;
    std::uint64_t files_later;

    Room(const Space& now, std::uint64_t reaping, std::uint64_t reaping_objects)
        : space(now), blocks_later(saturating::add(
                          now.free_blocks, now.block_size > 0 ? reaping / now.block_size : 0)),
          files_later(saturating::add(now.free_files, reaping_objects)) {}
};

namespace {

/// What one resource lacks of `run` and a margin.
struct Shortage {
    std::uint64_t to_goal;
    std::uint64_t if_below_run; ///< the same, but nothing at `run` and above

    Shortage(std::uint64_t free, std::uint64_t run, std::uint64_t beyond, std::uint64_t total) {
        const std::uint64_t goal = std::max(run, std::min(saturating::add(run, beyond), total));
        to_goal = saturating::subtract(goal, free);
        if_below_run = free < run ? to_goal : 0;
    }
};

} // namespace

SpaceWatch::SpaceWatch(Limits limits) : limits_(std::move(limits)) {}

void SpaceWatch::set_limits(Limits limits) {
    if (!thresholds_given_)
        thresholds_.reset();
    if (limits == limits_)
        return;
    limits_ = std::move(limits);
    below_run_ = below_free_ = above_size_ = above_files_ = false;
    above_volume_.clear();
    asked_.clear();
    age_queue_.clear();
    age_round_.reset();
}

void SpaceWatch::set_thresholds(const Thresholds& thresholds) {
    thresholds_ = thresholds;
    thresholds_given_ = true;
}

SpaceWatch::Thresholds SpaceWatch::thresholds(const Watermarks& watermarks, const Space& space) {
    const auto of = [](std::uint64_t total, unsigned percent) {
        return saturating::multiply(total / 100, percent); // divided first, as the driver does
    };
    return {.brun = of(space.blocks, watermarks.blocks.run),
            .bcull = of(space.blocks, watermarks.blocks.cull),
            .bstop = of(space.blocks, watermarks.blocks.stop),
            .frun = of(space.files, watermarks.files.run),
            .fcull = of(space.files, watermarks.files.cull),
            .fstop = of(space.files, watermarks.files.stop)};
}

std::uint64_t SpaceWatch::margin(std::uint64_t run, std::uint64_t cull, std::uint64_t largest) {
    return std::clamp<std::uint64_t>(saturating::subtract(run, cull) / 128, 1,
                                     std::max<std::uint64_t>(largest, 1));
}

Demand SpaceWatch::assess(const Space& space, const index::Totals& totals,
                          std::span<const index::Volume> volumes, Seconds now, bool culling,
                          std::uint64_t reaping, std::uint64_t reaping_objects) {
    if (!thresholds_)
        thresholds_ = thresholds(limits_.watermarks, space);
    const Room room(space, reaping, reaping_objects);
    // Every limit keeps its own hysteresis in step, also while another one comes first.
    Demand demand = for_watermarks(room, culling);
    for (Demand& next : std::array{for_min_free(room), for_total(totals)}) {
        if (!demand.any())
            demand = std::move(next);
    }
    if (!demand.any())
        demand = for_volumes(volumes, now);
    demand.urgent = demand.any() && near_stop(space);
    return demand;
}

Demand SpaceWatch::for_watermarks(const Room& room, bool culling) {
    const Thresholds& limit = *thresholds_;
    const Space& space = room.space;
    const bool count_files = space.files > 0; // btrfs has no inodes to run out of
    const bool stop =
        space.free_blocks < limit.bstop || (count_files && space.free_files < limit.fstop);
    if (culling || stop || space.free_blocks < limit.bcull ||
        (count_files && space.free_files < limit.fcull))
        below_run_ = true;
    else if (space.free_blocks >= limit.brun && (!count_files || space.free_files >= limit.frun))
        below_run_ = false;
    if (!below_run_)
        return {};

    const std::uint64_t block_size = std::max<std::uint64_t>(space.block_size, 1);
    const Shortage blocks_short(room.blocks_later, limit.brun,
                                margin(limit.brun, limit.bcull, largest_margin_bytes / block_size),
                                space.blocks);
    const Shortage files_short(room.files_later, limit.frun,
                               margin(limit.frun, limit.fcull, largest_margin_files), space.files);
    std::uint64_t blocks = blocks_short.if_below_run;
    std::uint64_t files = count_files ? files_short.if_below_run : 0;
    if (blocks == 0 && files == 0 && culling) {
        // The driver subtracts the writes in flight, which we do not see: while it still says
        // that it is culling, `run` is not enough.
        blocks = blocks_short.to_goal;
        files = count_files ? files_short.to_goal : 0;
    }
    if (blocks == 0 && files == 0)
        return {};
    Demand demand;
    demand.reason = stop ? Reason::stop_limit : Reason::watermark;
    demand.bytes = saturating::multiply(blocks, block_size);
    demand.objects = files;
    return demand;
}

Demand SpaceWatch::for_min_free(const Room& room) {
    if (!limits_.min_free)
        return {};
    // More than the whole file system cannot be free.
    const std::uint64_t size = saturating::multiply(room.space.blocks, room.space.block_size);
    const std::uint64_t goal = std::min(up_to(*limits_.min_free), size);
    const std::uint64_t free = saturating::multiply(room.blocks_later, room.space.block_size);
    below_free_ = free < std::min(*limits_.min_free, size) || (below_free_ && free < goal);
    if (!below_free_)
        return {};
    Demand demand;
    demand.reason = Reason::min_free;
    demand.bytes = goal - free;
    return demand;
}

Demand SpaceWatch::for_total(const index::Totals& totals) {
    above_size_ = limits_.max_size && still_above(above_size_, totals.bytes, *limits_.max_size);
    above_files_ =
        limits_.max_files && still_above(above_files_, totals.objects, *limits_.max_files);
    Demand demand;
    if (above_size_) {
        demand.reason = Reason::max_size;
        demand.bytes = excess(totals.bytes, limits_.max_size);
    } else if (above_files_) {
        demand.reason = Reason::max_files;
        demand.objects = excess(totals.objects, limits_.max_files);
    }
    return demand;
}

Demand SpaceWatch::for_volumes(std::span<const index::Volume> volumes, Seconds now) {
    const std::vector<Above> above = find_above(volumes);
    const Above* most = most_above(above);
    if (most == nullptr) { // each had its turn: now max_age, then the next round
        asked_.clear();
        Demand demand = for_max_age(volumes, now);
        if (demand.any() || above.empty())
            return demand;
        most = most_above(above);
    }
    asked_.push_back(most->volume->id);
    const VolumeRule* rule = rule_for(most->volume->key);
    Demand demand;
    demand.reason = Reason::volume;
    demand.only = most->volume->id;
    demand.bytes = excess(most->volume->totals.bytes, rule->max_size);
    demand.objects = excess(most->volume->totals.objects, rule->max_files);
    return demand;
}

/// The volumes that are to be made smaller; remembers them, for the hysteresis.
std::vector<SpaceWatch::Above> SpaceWatch::find_above(std::span<const index::Volume> volumes) {
    std::vector<Above> found;
    std::vector<index::VolumeId> ids;
    for (const index::Volume& volume : volumes) {
        const VolumeRule* rule = rule_for(volume.key);
        if (volume.pinned || !limits_amounts(rule))
            continue;
        const bool was = std::binary_search(above_volume_.begin(), above_volume_.end(), volume.id);
        const auto above = [was](std::uint64_t held, const std::optional<std::uint64_t>& limit) {
            return limit && still_above(was, held, *limit);
        };
        const index::Totals& held = volume.totals;
        if (!above(held.bytes, rule->max_size) && !above(held.objects, rule->max_files))
            continue;
        found.push_back({&volume, std::max(fullness(held.bytes, rule->max_size),
                                           fullness(held.objects, rule->max_files))});
        ids.push_back(volume.id);
    }
    std::sort(ids.begin(), ids.end());
    above_volume_ = std::move(ids);
    return found;
}

const SpaceWatch::Above* SpaceWatch::most_above(std::span<const Above> above) const {
    const Above* most = nullptr;
    for (const Above& each : above) {
        if ((most == nullptr || each.fullness > most->fullness) &&
            std::find(asked_.begin(), asked_.end(), each.volume->id) == asked_.end())
            most = &each;
    }
    return most;
}

Demand SpaceWatch::for_max_age(std::span<const index::Volume> volumes, Seconds now) {
    const bool due = !age_round_ || now < *age_round_ || now - *age_round_ >= age_interval;
    if (age_queue_.empty() && due) {
        age_round_ = now;
        start_age_round(volumes, now);
    }
    if (age_queue_.empty())
        return {};
    Demand demand = std::move(age_queue_.back());
    age_queue_.pop_back();
    return demand;
}

void SpaceWatch::start_age_round(std::span<const index::Volume> volumes, Seconds now) {
    Demand others; // all volumes without a max_age of their own
    others.reason = Reason::max_age;
    for (const index::Volume& volume : volumes) {
        const VolumeRule* rule = rule_for(volume.key);
        if (rule == nullptr || !rule->max_age)
            continue;
        others.except.push_back(volume.id);
        if (rule->pin || volume.pinned)
            continue;
        Demand demand;
        demand.reason = Reason::max_age;
        demand.only = volume.id;
        demand.used_before = now - std::max<Seconds>(*rule->max_age, 0);
        age_queue_.push_back(std::move(demand));
    }
    if (limits_.max_age) {
        others.used_before = now - std::max<Seconds>(*limits_.max_age, 0);
        age_queue_.push_back(std::move(others));
    }
}

bool SpaceWatch::near_stop(const Space& space) const {
    const auto near = [](std::uint64_t free, std::uint64_t stop, std::uint64_t cull) {
        return free < stop || free < stop + saturating::subtract(cull, stop) / 2;
    };
    return near(space.free_blocks, thresholds_->bstop, thresholds_->bcull) ||
           (space.files > 0 && near(space.free_files, thresholds_->fstop, thresholds_->fcull));
}

std::vector<index::VolumeId> SpaceWatch::pinned(std::span<const index::Volume> volumes) const {
    std::vector<index::VolumeId> found;
    for (const index::Volume& volume : volumes) {
        const VolumeRule* rule = rule_for(volume.key);
        if (rule != nullptr && rule->pin)
            found.push_back(volume.id);
    }
    return found;
}

const VolumeRule* find_rule(std::span<const VolumeRule> rules, const std::string& key) {
    const auto rule = std::find_if(rules.begin(), rules.end(), [&key](const VolumeRule& each) {
        return fnmatch(each.match.c_str(), key.c_str(), 0) == 0;
    });
    return rule == rules.end() ? nullptr : &*rule;
}

} // namespace cachefiles::cull
