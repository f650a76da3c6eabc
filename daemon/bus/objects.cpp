// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/bus/objects.hpp"

#include <algorithm>
#include <utility>

namespace cachefiles::daemon::bus {

Objects::Objects(const Parts& parts, sdbus::IConnection& connection)
    : pending_(std::make_shared<PendingCalls>(parts.log)), authority_(connection, *pending_),
      context_{.parts = parts,
               .connection = connection,
               .authority = authority_,
               .pending = pending_,
               .report = parts.administration != nullptr ? parts.administration->report() : nullptr,
               .refresh =
                   [this] {
                       refresh();
                   }},
      log_control_(context_), manager_(context_) {
    if (parts.administration == nullptr)
        return;
    cache_.emplace(context_);
    // Who attaches now learns the state from the properties.
    static_cast<void>(parts.administration->events());
    refresh();
}

void Objects::turn() {
    if (!cache_)
        return;
    const std::vector<admin::Event> events = context_.parts.administration->events();
    remove_volumes();
    refresh();
    for (const admin::Event& event : events)
        tell(event);
    remove_jobs(context_.parts.administration->jobs());
}

void Objects::refresh() {
    if (!cache_)
        return;
    const std::shared_ptr<const admin::CacheReport> before =
        std::exchange(context_.report, context_.parts.administration->report());
    cache_->tell_changes(*before);
    add_volumes();
    update_jobs(context_.parts.administration->jobs());
}

void Objects::add_volumes() {
    for (const admin::VolumeReport& volume : context_.report->volumes) {
        const auto found = volumes_.find(volume.id);
        if (found != volumes_.end()) {
            if (found->second->key() == volume.key)
                found->second->update(volume);
            continue; // another volume under this number: the next turn
        }
        auto object = std::make_unique<VolumeObject>(context_, volume);
        object->appeared();
        volumes_.emplace(volume.id, std::move(object));
    }
}

/// Those that are gone, or have become another's number.
void Objects::remove_volumes() {
    const std::shared_ptr<const admin::CacheReport> report =
        context_.parts.administration->report();
    std::erase_if(volumes_, [&](const auto& entry) {
        const auto found =
            std::ranges::lower_bound(report->volumes, entry.first, {}, &admin::VolumeReport::id);
        if (found != report->volumes.end() && found->id == entry.first &&
            found->key == entry.second->key())
            return false;
        entry.second->vanishes();
        return true;
    });
}

void Objects::update_jobs(const std::vector<admin::JobReport>& jobs) {
    for (const admin::JobReport& job : jobs) {
        if (const auto found = jobs_.find(job.id); found != jobs_.end()) {
            found->second->update(job);
            continue;
        }
        auto object = std::make_unique<JobObject>(context_, job);
        object->appeared();
        jobs_.emplace(job.id, std::move(object));
    }
}

void Objects::remove_jobs(const std::vector<admin::JobReport>& jobs) {
    std::erase_if(jobs_, [&](const auto& entry) {
        if (std::ranges::find(jobs, entry.first, &admin::JobReport::id) != jobs.end())
            return false;
        entry.second->vanishes();
        return true;
    });
}

void Objects::tell(const admin::Event& event) {
    switch (event.kind) {
    case admin::Event::Kind::index_rebuilt:
        manager_.index_rebuilt();
        return;
    case admin::Event::Kind::job_changed:
        return; // its properties have told
    case admin::Event::Kind::job_removed:
        if (const auto found = jobs_.find(event.job); found != jobs_.end())
            manager_.job_removed(found->second->job());
        return;
    default:
        cache_->tell(event);
    }
}

} // namespace cachefiles::daemon::bus
