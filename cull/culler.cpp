// SPDX-License-Identifier: GPL-2.0-or-later
#include "cull/culler.hpp"

#include "base/message_ids.hpp"
#include "base/units.hpp"
#include "cull/culler_pass.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cachefiles::cull {
namespace {

/// Objects grow too old every minute; that is no change of state worth a notice.
Severity severity_of_progress(Reason reason) {
    return reason == Reason::max_age ? Severity::info : Severity::notice;
}

} // namespace

Culler::Culler(index::Index& index, Evictor& evictor, const Clock& clock, Log& log, Options options)
    : index_(index), evictor_(evictor), clock_(clock), log_(log), options_(std::move(options)),
      states_(index, evictor, clock) {
    options_.batch = std::max<std::size_t>(options_.batch, 1); // none at all would never end
}

PassReport Culler::run(const Demand& demand, std::span<const index::VolumeId> pinned,
                       Seconds min_age, const std::function<bool()>& go_on) {
    Pass pass(*this, demand, pinned, false, min_age);
    while (!pass.step(go_on)) {
    }
    say_result(demand, pass.report());
    return pass.report();
}

Culler::Run::Run(Culler& culler, Demand demand, std::vector<index::VolumeId> pinned,
                 bool pinned_too, Seconds min_age)
    : culler_(culler), demand_(std::move(demand)),
      pass_(std::make_unique<Pass>(culler, demand_, pinned, pinned_too, min_age)) {}

Culler::Run::~Run() {
    if (!ended_)
        culler_.say_result(demand_, pass_->report());
}

std::optional<PassResult> Culler::Run::step(const std::function<bool()>& go_on) {
    const std::optional<PassResult> end = pass_->step(go_on);
    if (end) {
        culler_.say_result(demand_, pass_->report());
        ended_ = true;
    }
    return end;
}

const PassReport& Culler::Run::report() const {
    return pass_->report();
}

CullCounters Culler::counters() const {
    const std::lock_guard lock(mutex_);
    return counters_;
}

void Culler::count(const CullCounters& more) {
    const std::lock_guard lock(mutex_);
    counters_.passes += more.passes;
    counters_.culled_objects += more.culled_objects;
    counters_.culled_bytes += more.culled_bytes;
    counters_.culled_volumes += more.culled_volumes;
    counters_.busy += more.busy;
    counters_.gone += more.gone;
    counters_.used += more.used;
    counters_.failed += more.failed;
    counters_.stalls += more.stalls;
}

void Culler::tell(const CullEvent& event) const {
    if (options_.changed)
        options_.changed(event);
}

void Culler::say_started(const Demand& demand) {
    Episode& episode = episodes_[cause(demand)];
    if (episode.started || episode.stalled) // a trickle of releases does not end a stall
        return;
    episode.started = true;
    episode.since = clock_.monotonic();
    std::string wanted = fmt::format("{}, {} objects", format_bytes(demand.bytes), demand.objects);
    if (demand.used_before) {
        const Seconds age = clock_.now() - *demand.used_before;
        wanted = age < 0 ? "all of it"
                         : fmt::format("all that was not used for {}", format_duration(age));
    }
    log_.write(severity_of_progress(demand.reason), message_id::cull_started,
               fmt::format("culling started ({}): {}", to_string(demand.reason), wanted),
               {{"CACHEFILES_REASON", std::string(to_string(demand.reason))},
                {"CACHEFILES_WANTED_BYTES", fmt::to_string(demand.bytes)},
                {"CACHEFILES_WANTED_OBJECTS", fmt::to_string(demand.objects)}});
    tell({CullEvent::Kind::started, demand.reason});
}

void Culler::say_result(const Demand& demand, const PassReport& report) {
    const auto found = episodes_.find(cause(demand));
    if (found != episodes_.end()) {
        found->second.objects += report.objects;
        found->second.bytes += report.bytes;
    }
    if (demand.reason == Reason::request) { // that is all that is to be had for it
        if (found == episodes_.end())
            return;
        say_finished(demand.reason, found->second);
        episodes_.erase(found);
    } else if (report.result == PassResult::stalled) {
        say_stalled(demand);
    } else if (!demand.any()) {
        end_episodes();
    } else if (report.result == PassResult::satisfied && found != episodes_.end()) {
        say_finished(demand.reason, found->second);
        episodes_.erase(found);
    }
}

void Culler::end_episodes() {
    std::erase_if(episodes_, [this](const auto& entry) {
        if (entry.first.first == Reason::request) // not over because there is room
            return false;
        say_finished(entry.first.first, entry.second);
        return true;
    });
}

void Culler::say_stalled(const Demand& demand) {
    Episode& episode = episodes_[cause(demand)];
    if (episode.stalled)
        return;
    if (!episode.started)
        episode.since = clock_.monotonic();
    episode.stalled = true;
    count({.stalls = 1});
    const index::Totals totals = index_.totals();
    log_.write(Severity::warning, message_id::cull_stalled,
               fmt::format("culling stalled ({}): nothing more can be culled; {} of {} objects are "
                           "in use, the others are pinned, too young or cannot be removed",
                           to_string(demand.reason), totals.in_use, totals.objects),
               {{"CACHEFILES_REASON", std::string(to_string(demand.reason))},
                {"CACHEFILES_IN_USE", fmt::to_string(totals.in_use)},
                {"CACHEFILES_OBJECTS", fmt::to_string(totals.objects)},
                {"CACHEFILES_BYTES", fmt::to_string(totals.bytes)}});
    tell({CullEvent::Kind::stalled, demand.reason});
}

void Culler::say_finished(Reason reason, const Episode& episode) {
    const std::chrono::nanoseconds took = clock_.monotonic() - episode.since;
    log_.write(severity_of_progress(reason), message_id::cull_finished,
               fmt::format("culling finished ({}): {} objects, {}, in {}", to_string(reason),
                           episode.objects, format_bytes(episode.bytes),
                           format_duration(std::chrono::ceil<std::chrono::seconds>(took).count())),
               {{"CACHEFILES_REASON", std::string(to_string(reason))},
                {"CACHEFILES_CULLED_OBJECTS", fmt::to_string(episode.objects)},
                {"CACHEFILES_CULLED_BYTES", fmt::to_string(episode.bytes)}});
    tell({CullEvent::Kind::finished, reason, episode.objects, episode.bytes});
}

} // namespace cachefiles::cull
