// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/oldest_search.hpp"

#include <algorithm>

namespace cachefiles::index {
namespace {

/// Entries looked at in one step: some 20 ms.
constexpr std::size_t entries_per_step = 200'000;
/// Objects that are read in one step, with their names.
constexpr std::size_t objects_per_step = 16'384;

} // namespace

OldestSearch::OldestSearch(const OldestQuery& query)
    : query_(query), except_(query.except.begin(), query.except.end()) {
    std::ranges::sort(except_);
    query_.except = {}; // the caller's, not to be kept
}

void OldestSearch::start_over() {
    started_ = false;
    heap_.clear();
    found_.clear();
}

bool OldestSearch::step(Store& store) {
    if (!started_) {
        by_volume_ = volume_is_faster(store);
        cursor_ = query_.after;
        next_id_ = query_.only ? first_id(*query_.only) : 0;
        started_ = true;
    }
    if (found_.size() >= query_.limit)
        return false;
    look_for_pins(store);
    return by_volume_ ? step_volume(store) : step_order(store);
}

bool OldestSearch::volume_is_faster(Store& store) const {
    const Volume* volume = query_.only ? store.volumes().find(*query_.only) : nullptr;
    if (volume == nullptr)
        return false;
    // The walk meets one of the volume's objects in total/own entries, and has to meet `limit`.
    const auto own = static_cast<double>(volume->totals.objects);
    const auto total = static_cast<double>(store.volumes().totals().objects);
    return own * own < total * static_cast<double>(query_.limit);
}

/// Anew in each step: what is pinned meanwhile is not found any more.
void OldestSearch::look_for_pins(Store& store) {
    if (query_.unpinned)
        pinned_ = store.volumes().pinned();
}

bool OldestSearch::wanted(const RecencyCursor& here) const {
    const VolumeId volume = ObjectId(here.id).volume();
    if (query_.only && volume != *query_.only)
        return false;
    return !std::ranges::binary_search(except_, volume) &&
           !std::ranges::binary_search(pinned_, volume);
}

bool OldestSearch::step_order(Store& store) {
    std::vector<RecencyCursor> places;
    const std::size_t room = std::min(query_.limit - found_.size(), objects_per_step);
    places.reserve(room);
    bool beyond = false;
    const bool filtered = query_.only || !except_.empty() || !pinned_.empty();
    const auto visit = [&](const RecencyCursor& here) {
        beyond = query_.used_before && here.last_use >= *query_.used_before;
        if (beyond || places.size() == room)
            return false;
        if (!filtered || wanted(here))
            places.push_back(here);
        return true;
    };
    RecencyOrder& order = store.order();
    const bool more = query_.in_use ? order.walk_all(cursor_, entries_per_step, visit)
                                    : order.walk(cursor_, entries_per_step, visit);
    read(store, places);
    return more && !beyond && found_.size() < query_.limit;
}

void OldestSearch::keep_oldest(const RecencyCursor& candidate) {
    if (heap_.size() == query_.limit) {
        if (heap_.front() < candidate)
            return;
        std::ranges::pop_heap(heap_);
        heap_.pop_back();
    }
    heap_.push_back(candidate);
    std::ranges::push_heap(heap_);
}

bool OldestSearch::step_volume(Store& store) {
    const bool none = std::ranges::binary_search(except_, *query_.only) ||
                      std::ranges::binary_search(pinned_, *query_.only);
    std::optional<std::int64_t> next;
    if (!none) {
        next = store.objects().visit(
            next_id_, end_id(*query_.only), !query_.in_use, objects_per_step,
            [this](const RecencyCursor& here) {
                if (query_.after < here &&
                    (!query_.used_before || here.last_use < *query_.used_before))
                    keep_oldest(here);
            });
    }
    next_id_ = next.value_or(0);
    if (next)
        return true;
    std::ranges::sort(heap_);
    read(store, heap_);
    return false;
}

void OldestSearch::read(Store& store, const std::vector<RecencyCursor>& places) {
    const std::size_t before = found_.size();
    found_.reserve(before + places.size());
    for (const RecencyCursor& place : places)
        found_.push_back({ObjectId(place.id),
                          {},
                          {place.bytes, last_use_of(place.last_use), state_of(place.last_use)}});
    if (!query_.names)
        return;
    store.objects().read_names(std::span(found_).subspan(before));
    // Gone while this search was between two steps.
    const auto nameless = [](const Object& object) {
        return object.name.empty();
    };
    found_.erase(std::remove_if(found_.begin() + static_cast<std::ptrdiff_t>(before), found_.end(),
                                nameless),
                 found_.end());
}

} // namespace cachefiles::index
