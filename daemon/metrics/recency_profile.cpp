// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/metrics/recency_profile.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cachefiles::daemon::metrics {

void RecencyProfile::turn() {
    if (!walking_ && (!ended_at_ || clock_.monotonic() - *ended_at_ >= pause))
        begin();
    if (walking_)
        step(entries_per_turn);
}

void RecencyProfile::begin() {
    const index::Totals totals = index_.totals();
    idle_ = totals.objects - std::min(totals.in_use, totals.objects);
    cursor_ = {};
    walked_ = 0;
    reached_ = 0;
    walking_ = true;
}

void RecencyProfile::step(std::size_t budget) {
    while (budget > 0 && reached_ < quantiles.size() && idle_ > 0) {
        const auto before =
            static_cast<std::uint64_t>(quantiles[reached_].older * static_cast<double>(idle_ - 1));
        const std::uint64_t wanted = before + 1 - std::min(walked_, before + 1);
        const std::size_t steps = std::min<std::uint64_t>(wanted, budget);
        const std::size_t moved = index_.walk_order(cursor_, steps);
        walked_ += moved;
        budget -= steps;
        if (moved < steps && walked_ == 0)
            idle_ = 0;                              // all have gone
        else if (moved < steps || walked_ > before) // the order ends here, if some have gone
            uses_[reached_++] = cursor_.last_use;
    }
    if (reached_ == quantiles.size() || idle_ == 0)
        finish();
}

void RecencyProfile::finish() {
    walking_ = false;
    ended_at_ = clock_.monotonic();
    known_.reset();
    if (reached_ == quantiles.size())
        known_ = uses_;
}

void RecencyProfile::add_to(Statistics& statistics) const {
    if (!known_)
        return;
    const Seconds now = clock_.now();
    for (std::size_t i = 0; i < quantiles.size(); ++i) {
        statistics[fmt::format("idle_age_seconds{{quantile=\"{}\"}}", quantiles[i].name)] =
            static_cast<double>(std::max<Seconds>(now - (*known_)[i], 0));
    }
}

} // namespace cachefiles::daemon::metrics
