// SPDX-License-Identifier: GPL-2.0-or-later
// The part of a pass that evicts volumes as a whole.
#include "cull/culler_pass.hpp"
#include "cull/horizon.hpp"

#include <algorithm>
#include <utility>

namespace cachefiles::cull {

/// Evicting a volume is one rename instead of one unlink for each object, but only right when
/// each of its objects would go anyway. So the recency order is walked, without evicting, up to
/// the place where the demand is met; the walk costs a tenth of culling the same objects, and is
/// made only when there is a volume that looks old enough.
std::optional<PassResult> Culler::Pass::evict_volumes(const std::function<bool()>& go_on) {
    const std::vector<index::Volume> dead = dead_volumes();
    if (dead.empty())
        return std::nullopt;
    Seconds latest = INT64_MIN;
    for (const index::Volume& volume : dead)
        latest = std::max(latest, volume.newest_use + 1);
    std::optional<Seconds> horizon = latest; // with used_before, everything older goes: no walk
    if (!demand_.used_before)
        horizon = find_horizon(index_, query(culler_.options_.batch), bytes_left_, objects_left_,
                               latest, go_on);
    if (!horizon)
        return PassResult::stopped;
    for (const index::Volume& volume : dead) {
        if (volume.newest_use >= *horizon)
            continue;
        if (!go_on())
            return PassResult::stopped;
        if (const std::optional<PassResult> end = evict_volume(volume))
            return end;
    }
    return std::nullopt;
}

/// Volumes that nobody uses, and that may lie wholly in what is to go: a guess by average
/// size, rather too many than too few.
std::vector<index::Volume> Culler::Pass::dead_volumes() {
    std::vector<index::Volume> dead = index_.volumes();
    std::erase_if(dead, [this](const index::Volume& volume) {
        return volume.totals.objects == 0 || volume.totals.in_use > 0 || excluded(volume.id) ||
               (volume.pinned && !pinned_too_) || (demand_.only != 0 && demand_.only != volume.id);
    });
    if (dead.empty())
        return dead;
    Seconds guess = used_before_.value_or(INT64_MAX);
    if (!demand_.used_before) {
        const std::uint64_t objects = expected_objects() + expected_objects() / 4 + 16;
        guess = std::min(guess, index_.nth_oldest_use(objects).value_or(INT64_MAX));
    }
    std::erase_if(dead,
                  [guess](const index::Volume& volume) { return volume.newest_use >= guess; });
    if (dead.empty())
        return dead;
    if (const auto in_use = culler_.evictor_.volumes_in_use()) {
        std::erase_if(dead, [&in_use](const index::Volume& volume) {
            return std::find(in_use->begin(), in_use->end(), volume.id) != in_use->end();
        });
    }
    return dead;
}

std::optional<PassResult> Culler::Pass::evict_volume(const index::Volume& volume) {
    const std::optional<index::Volume> now = index_.volume(volume.id);
    if (!now || (now->pinned && !pinned_too_)) // the walk may have taken a while
        return std::nullopt;
    culler_.say_started(demand_);
    switch (culler_.evictor_.evict_volume(volume)) {
    case Verdict::evicted: {
        const index::Totals held = index_.remove_volume(volume.id);
        culled(held.objects, held.bytes);
        report_.graveyard_objects += held.objects;
        report_.graveyard_bytes += held.bytes;
        ++unpublished_.culled_volumes;
        break;
    }
    case Verdict::gone: {
        const index::Totals held = index_.remove_volume(volume.id);
        was_gone(held.objects, held.bytes);
        break;
    }
    case Verdict::busy: // used again since it was looked at
    case Verdict::used:
        ++unpublished_.busy;
        break;
    case Verdict::failed: // its objects are tried one by one
        ++unpublished_.failed;
        break;
    case Verdict::pending:
        return PassResult::stopped;
    case Verdict::lost:
        return PassResult::lost;
    }
    publish();
    index_.commit_if_due();
    return std::nullopt;
}

} // namespace cachefiles::cull
