// SPDX-License-Identifier: GPL-2.0-or-later
#include "cull/use_states.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace cachefiles::cull {
namespace {

constexpr std::chrono::hours longest_interval{1};
constexpr int pause_per_work = 399; // 1 : 399 is a quarter of a per cent

} // namespace

UseStates::UseStates(index::Index& index, Evictor& evictor, const Clock& clock)
    : index_(index), evictor_(evictor), clock_(clock), last_(clock.monotonic()),
      not_before_(last_) {}

bool UseStates::refresh() {
    return clock_.monotonic() >= not_before_ && refresh_now();
}

bool UseStates::refresh_now() {
    const std::chrono::nanoseconds begin = clock_.monotonic();
    std::optional<std::vector<index::ObjectId>> in_use = evictor_.in_use();
    if (in_use)
        apply(std::move(*in_use));
    last_ = clock_.monotonic();
    not_before_ = last_ + (last_ - begin) * pause_per_work;
    return in_use.has_value();
}

bool UseStates::overdue() const {
    return clock_.monotonic() - last_ >= longest_interval;
}

// A look at each is far cheaper than writing each, and usually all but a few are right already.
void UseStates::apply(std::vector<index::ObjectId> in_use) {
    std::sort(in_use.begin(), in_use.end());
    in_use.erase(std::unique(in_use.begin(), in_use.end()), in_use.end());
    std::vector<index::ObjectId> taken; // in use, but not in the index's eyes
    std::uint64_t right = 0;
    for (const index::ObjectId id : in_use) {
        const std::optional<index::Object> object = index_.find(id);
        if (!object)
            continue;
        if (object->attributes.state == index::ObjectState::in_use)
            ++right;
        else
            taken.push_back(id);
    }
    if (index_.totals().in_use > right) { // some were let go, and nothing says which
        index_.set_all_idle();
        index_.set_state(in_use, index::ObjectState::in_use);
    } else {
        index_.set_state(taken, index::ObjectState::in_use);
    }
}

} // namespace cachefiles::cull
