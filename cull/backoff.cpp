// SPDX-License-Identifier: GPL-2.0-or-later
#include "cull/backoff.hpp"

#include <algorithm>

namespace cachefiles::cull {

void Backoff::stalled(std::chrono::nanoseconds now, const Demand& demand) {
    Wait& wait = waits_[cause(demand)];
    wait.delay = std::clamp(wait.delay * 2, first_delay, longest_delay);
    wait.until = now + wait.delay;
}

// The delays keep their length: a release that leads nowhere must not make the timer faster.
void Backoff::released() {
    for (auto& [limit, wait] : waits_)
        wait.until.reset();
}

void Backoff::succeeded(const Demand& demand) {
    if (demand.any())
        waits_.erase(cause(demand));
    else
        waits_.clear();
}

bool Backoff::may_try(std::chrono::nanoseconds now, const Demand& demand) const {
    const auto found = waits_.find(cause(demand));
    return found == waits_.end() || !found->second.until || now >= *found->second.until;
}

std::optional<std::chrono::nanoseconds> Backoff::wake_at() const {
    std::optional<std::chrono::nanoseconds> first;
    for (const auto& [limit, wait] : waits_) {
        if (wait.until && (!first || *wait.until < *first))
            first = wait.until;
    }
    return first;
}

} // namespace cachefiles::cull
