// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/make_room.hpp"

#include "base/error.hpp"
#include "daemon/system/io_priority.hpp"

#include <sys/statvfs.h>

#include <algorithm>
#include <utility>

namespace cachefiles::daemon {
namespace {

cull::Space look_at_space(int directory) {
    struct statvfs status{};
    if (fstatvfs(directory, &status) != 0)
        throw SystemError("cannot ask for the free space of the cache's file system");
    cull::Space space;
    space.block_size = status.f_frsize;
    space.blocks = status.f_blocks;
    space.free_blocks = status.f_bavail;
    space.files = status.f_files;
    space.free_files = status.f_ffree;
    return space;
}

// Fewer deletions than this are reported more cheaply than the reports are switched off and on.
constexpr std::uint64_t many_objects = 256;

bool asks_for_many(const cull::Demand& demand, const index::Totals& totals) {
    const std::uint64_t average = totals.bytes / std::max<std::uint64_t>(totals.objects, 1);
    return demand.objects > many_objects || demand.bytes / many_objects > average;
}

} // namespace

MakeRoom::MakeRoom(Parts parts, Settings settings)
    : parts_(std::move(parts)), settings_(std::move(settings)), watch_(settings_.limits),
      newest_(settings_) {}

void MakeRoom::look() {
    const cull::Space space = look_at_space(parts_.directory);
    const std::lock_guard lock(mutex_);
    status_.space = space;
}

void MakeRoom::change(Settings settings) {
    const std::lock_guard lock(mutex_);
    newest_ = std::move(settings);
    changed_ = true;
}

void MakeRoom::change_limits(const std::function<void(cull::Limits&)>& edit) {
    const std::lock_guard lock(mutex_);
    edit(newest_.limits);
    changed_ = true;
}

MakeRoom::Settings MakeRoom::settings() const {
    const std::lock_guard lock(mutex_);
    return newest_;
}

void MakeRoom::pause(bool paused) {
    paused_ = paused;
    const std::lock_guard lock(mutex_);
    status_.paused = paused;
}

MakeRoom::Status MakeRoom::status() const {
    const std::lock_guard lock(mutex_);
    return status_;
}

void MakeRoom::take_settings() {
    {
        const std::lock_guard lock(mutex_);
        if (!std::exchange(changed_, false))
            return;
        settings_ = newest_;
    }
    watch_.set_limits(settings_.limits);
    backoff_.released();
}

MakeRoom::Time MakeRoom::next_look(Time last_look) const {
    const Time next = last_look + settings_.interval;
    const std::optional<Time> retry = backoff_.wake_at();
    return retry ? std::min(next, *retry) : next;
}

bool MakeRoom::run(const Binding::State& state, const std::function<bool()>& go_on) {
    hurry_ = false;
    take_settings();
    if (state.released > 0)
        backoff_.released();
    if (state.thresholds)
        watch_.set_thresholds(*state.thresholds);
    const cull::Space space = look_at_space(parts_.directory);
    const std::vector<index::Volume> volumes = parts_.index.volumes();
    cull::Demand demand;
    if (may_cull())
        demand =
            watch_.assess(space, parts_.index.totals(), volumes, parts_.clock.now(), state.culling,
                          parts_.reaper.pending(), parts_.reaper.pending_objects());
    const bool wanted_room = note(demand, space);
    if (!demand.any()) {
        backoff_.succeeded();
        // The culler says how it ended, also when room came from elsewhere.
        return !wanted_room || pass(demand, volumes, go_on);
    }
    return !backoff_.may_try(parts_.clock.monotonic()) ||
           pass(demand, volumes, [this, &go_on] { return go_on() && !paused_; });
}

bool MakeRoom::may_cull() const {
    return settings_.enabled && !paused_ && parts_.knows_tree();
}

bool MakeRoom::pass(const cull::Demand& demand, const std::vector<index::Volume>& volumes,
                    const std::function<bool()>& go_on) {
    set_io_priority(demand.urgent ? IoPriority::normal : IoPriority::idle);
    const bool many = parts_.expect_many && asks_for_many(demand, parts_.index.totals());
    if (many)
        parts_.expect_many(true);
    const cull::PassReport report =
        parts_.culler.run(demand, watch_.pinned(volumes), settings_.limits.min_age, go_on);
    if (many)
        parts_.expect_many(false);
    if (report.graveyard_objects > 0)
        parts_.reaper.expect(report.graveyard_bytes, report.graveyard_objects);
    if (report.result == cull::PassResult::stalled)
        backoff_.stalled(parts_.clock.monotonic());
    else
        backoff_.succeeded();
    hurry_ = demand.any() && report.result == cull::PassResult::satisfied;
    {
        const std::lock_guard lock(mutex_);
        status_.stalled = report.result == cull::PassResult::stalled;
    }
    return report.result != cull::PassResult::lost;
}

std::unique_ptr<cull::Removal> MakeRoom::begin_removal(const RemovalOrder::What& what) {
    cull::RemovalRequest request;
    request.bytes = what.bytes;
    request.objects = what.objects;
    if (what.older_than)
        request.used_before = parts_.clock.now() - *what.older_than;
    request.everything = what.everything;
    request.only = what.only;
    request.pinned_too = what.everything && what.only != 0;
    if (!request.pinned_too)
        request.except = watch_.pinned(parts_.index.volumes());
    if (!what.everything)
        request.min_age = settings_.limits.min_age;
    request.dry_run = what.dry_run;
    return std::make_unique<cull::Removal>(parts_.culler, parts_.index, parts_.clock,
                                           std::move(request));
}

std::optional<cull::PassResult> MakeRoom::step_removal(cull::Removal& removal,
                                                       const std::function<bool()>& go_on) {
    set_io_priority(IoPriority::idle);
    const bool many = parts_.expect_many && removal.removes(many_objects);
    if (many)
        parts_.expect_many(true);
    const std::optional<cull::PassResult> result = removal.step(go_on);
    if (many)
        parts_.expect_many(false);
    const cull::Removal::Buried buried = removal.take_buried();
    if (buried.objects > 0)
        parts_.reaper.expect(buried.bytes, buried.objects);
    return result;
}

/// Whether room was wanted at the look before.
bool MakeRoom::note(const cull::Demand& demand, const cull::Space& space) {
    const std::lock_guard lock(mutex_);
    const bool before = std::exchange(status_.culling, demand.any());
    status_.stalled &= demand.any();
    status_.reason = demand.reason;
    status_.space = space;
    return before;
}

} // namespace cachefiles::daemon
