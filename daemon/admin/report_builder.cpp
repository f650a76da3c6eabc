// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/admin/report_builder.hpp"

#include "base/error.hpp"
#include "daemon/tree/cache_tree.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace cachefiles::daemon::admin {

std::shared_ptr<const CacheReport> ReportBuilder::build(bool stopping) {
    auto report = std::make_shared<CacheReport>();
    look_at_space();
    const CullThread::Status cache = parts_.cull.status();
    const MakeRoom::Status room = parts_.room.status();
    report->tag = parts_.tag;
    report->directory = parts_.directory;
    report->state = stopping       ? CacheState::stopping
                    : cache.online ? CacheState::online
                                   : CacheState::lost;
    report->culling = room.culling;
    report->stalled = room.stalled;
    report->paused = room.paused;
    report->in_step = parts_.in_step();
    report->reason = room.reason;
    if (cache.removing && !room.culling)
        report->reason = cull::Reason::request;
    report->losses = cache.losses;
    report->limits = parts_.room.settings().limits;
    report->totals = parts_.index.totals();
    report->oldest_use = parts_.index.oldest_use();
    report->space = room.space;
    report->volumes = volumes(report->limits.volumes);
    if (parts_.in_use.counts)
        count_in_use(*report);
    if (parts_.statistics)
        report->statistics = parts_.statistics();
    return report;
}

/// The culling thread looks less often.
void ReportBuilder::look_at_space() const {
    try {
        parts_.room.look();
    } catch (const SystemError&) {
        // What it saw last is shown; it says itself what is wrong.
    }
}

std::vector<VolumeReport> ReportBuilder::volumes(const std::vector<cull::VolumeRule>& rules) {
    if (rules != rules_) {
        rules_ = rules;
        pinned_.clear();
    }
    std::map<std::string, bool> pinned; // of those that there are
    std::vector<VolumeReport> found;
    for (index::Volume& volume : parts_.index.volumes()) {
        const bool by_rule = pinned_by_rule(volume.key);
        pinned.emplace(volume.key, by_rule);
        found.push_back({volume.id, std::move(volume.key), volume.totals, volume.newest_use,
                         by_rule || volume.pinned, by_rule});
    }
    pinned_ = std::move(pinned);
    return found;
}

void ReportBuilder::count_in_use(CacheReport& report) const {
    const std::map<std::string, std::uint64_t> counts = parts_.in_use.counts();
    report.totals.in_use = 0;
    for (VolumeReport& volume : report.volumes) {
        const auto found = counts.find(CacheTree::volume_name(volume.key));
        // What is being made may not be in the index yet.
        volume.totals.in_use =
            found == counts.end() ? 0 : std::min(found->second, volume.totals.objects);
        report.totals.in_use += volume.totals.in_use;
    }
}

bool ReportBuilder::pinned_by_rule(const std::string& key) {
    if (const auto known = pinned_.find(key); known != pinned_.end())
        return known->second;
    const cull::VolumeRule* const rule = cull::find_rule(rules_, key);
    return rule != nullptr && rule->pin;
}

bool differs(const CacheReport& before, const CacheReport& after) {
    const auto states = [](const CacheReport& report) {
        return std::tie(report.state, report.culling, report.stalled, report.paused, report.in_step,
                        report.reason, report.losses, report.limits);
    };
    const auto same_volume = [](const VolumeReport& a, const VolumeReport& b) {
        return a.id == b.id && a.key == b.key && a.pinned == b.pinned &&
               a.pinned_by_configuration == b.pinned_by_configuration;
    };
    return states(before) != states(after) ||
           !std::ranges::equal(before.volumes, after.volumes, same_volume);
}

} // namespace cachefiles::daemon::admin
