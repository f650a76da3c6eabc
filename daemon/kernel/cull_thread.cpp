// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/cull_thread.hpp"

#include "base/error.hpp"
#include "base/message_ids.hpp"
#include "base/units.hpp"
#include "daemon/system/io_priority.hpp"

#include <fmt/format.h>

#include <sys/statvfs.h>

#include <algorithm>

namespace cachefiles::daemon {
namespace {

using namespace std::chrono_literals;

// Objects are released one by one, and each raises POLLIN. Looking once a second is soon enough to
// cull what was released, and costs nothing.
constexpr std::chrono::nanoseconds shortest_interval = 1s;

// After room was made: the file system may free space a little later (XFS does it in the
// background), so look again before deciding that more has to go.
constexpr std::chrono::nanoseconds after_a_pass = 200ms;

constexpr std::chrono::nanoseconds first_recovery = 1s;
constexpr std::chrono::nanoseconds slowest_recovery = 60s;

std::chrono::nanoseconds longer(std::chrono::nanoseconds recovery_delay) {
    return std::clamp(recovery_delay * 2, first_recovery, slowest_recovery);
}

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

cull::SpaceWatch::Thresholds thresholds(const protocol::StateLine& state) {
    return {state.brun, state.bcull, state.bstop, state.frun, state.fcull, state.fstop};
}

} // namespace

CullThread::CullThread(const Parts& parts, Settings settings)
    : parts_(parts), settings_(std::move(settings)), watch_(settings_.limits) {}

CullThread::~CullThread() {
    ask_to_stop(false);
    join();
}

void CullThread::start() {
    // Before the first turn is over somebody may ask: READY=1 comes with a status.
    status_.online = parts_.owner.device() != nullptr;
    status_.space = look_at_space(parts_.tree.root());
    thread_ = std::thread([this] { loop(); });
}

void CullThread::ask_to_stop(bool withdraw) {
    withdraw_ = withdraw;
    stopping_ = true;
    wake_.wake();
}

void CullThread::join() {
    if (thread_.joinable())
        thread_.join();
}

void CullThread::change(Settings settings) {
    const std::lock_guard lock(mutex_);
    changed_ = std::move(settings);
    wake_.wake();
}

void CullThread::evict_unusable(std::vector<index::Object> objects,
                                std::vector<index::VolumeId> volumes) {
    const std::lock_guard lock(mutex_);
    std::move(objects.begin(), objects.end(), std::back_inserter(unusable_));
    unusable_volumes_.insert(unusable_volumes_.end(), volumes.begin(), volumes.end());
    wake_.wake();
}

CullThread::Status CullThread::status() const {
    const std::lock_guard lock(mutex_);
    return status_;
}

void CullThread::loop() {
    KernelEvictor::enter_thread();
    parts_.evictor.use(parts_.owner.device());
    while (!stopping_) {
        try {
            turn();
            trouble_ = false;
        } catch (const std::exception& error) {
            if (!std::exchange(trouble_, true)) // once, not at every turn that it lasts
                parts_.log.error(fmt::format("culling: {}", error.what()));
        }
        progress_.step();
        wait();
    }
    parts_.evictor.use(nullptr);
    if (withdraw_) {
        const Progress::Waiting waiting(progress_);
        parts_.owner.close();
    }
    ended_ = true;
}

void CullThread::turn() {
    hurry_ = false;
    take_settings();
    if (parts_.owner.device() == nullptr) {
        recover();
        return;
    }
    last_look_ = parts_.clock.monotonic();
    const std::optional<protocol::StateLine> state = parts_.owner.device()->state();
    if (!parts_.owner.device()->alive()) {
        lose();
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        status_.online = true;
        status_.released += state ? state->freleased : 0;
    }
    evict_waiting();
    if (!state)
        return;
    if (state->freleased > 0)
        backoff_.released();
    make_room(*state);
}

/// Sleeps until it is time to look, until something was released (but for the shortest interval),
/// or until another thread wants something.
void CullThread::wait() {
    const Progress::Waiting waiting(progress_);
    Device* device = parts_.owner.device();
    const Time rest = shortest_interval - (parts_.clock.monotonic() - last_look_);
    if (device != nullptr && !hurry_ && rest > 0ns) {
        if (wake_.wait(-1, rest).by_wake)
            return;
    }
    wake_.wait(device != nullptr ? device->descriptor() : -1, until_next_look());
}

CullThread::Time CullThread::until_next_look() const {
    if (parts_.owner.device() == nullptr)
        return recovery_delay_;
    if (hurry_)
        return after_a_pass;
    const Time now = parts_.clock.monotonic();
    Time next = last_look_ + settings_.interval;
    if (const std::optional<Time> retry = backoff_.wake_at())
        next = std::min(next, *retry);
    return std::max(next - now, 0ns);
}

void CullThread::take_settings() {
    std::optional<Settings> changed;
    {
        const std::lock_guard lock(mutex_);
        changed.swap(changed_);
    }
    if (!changed)
        return;
    settings_ = std::move(*changed);
    watch_.set_limits(settings_.limits);
    backoff_.released();
}

void CullThread::make_room(const protocol::StateLine& state) {
    watch_.set_thresholds(thresholds(state));
    const cull::Space space = look_at_space(parts_.tree.root());
    const std::vector<index::Volume> volumes = parts_.index.volumes();
    cull::Demand demand;
    if (settings_.enabled && parts_.knows_tree())
        demand =
            watch_.assess(space, parts_.index.totals(), volumes, parts_.clock.now(), state.culling,
                          parts_.reaper.pending(), parts_.reaper.pending_objects());
    const bool wanted_room = note(demand, space);
    if (!demand.any()) {
        backoff_.succeeded();
        if (wanted_room) // the culler says how it ended, also when room came from elsewhere
            pass(demand, volumes);
    } else if (backoff_.may_try(parts_.clock.monotonic())) {
        pass(demand, volumes);
    }
}

void CullThread::pass(const cull::Demand& demand, const std::vector<index::Volume>& volumes) {
    set_io_priority(demand.urgent ? IoPriority::normal : IoPriority::idle);
    const bool many = parts_.follower != nullptr && asks_for_many(demand, parts_.index.totals());
    if (many)
        parts_.follower->expect_deletions(false);
    const cull::PassReport report =
        parts_.culler.run(demand, watch_.pinned(volumes), settings_.limits.min_age, [this] {
            progress_.step();
            return !stopping_;
        });
    if (many)
        parts_.follower->expect_deletions(true);
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
    if (report.result == cull::PassResult::lost)
        lose();
}

/// Whether room was wanted at the look before.
bool CullThread::note(const cull::Demand& demand, const cull::Space& space) {
    const std::lock_guard lock(mutex_);
    const bool before = std::exchange(status_.culling, demand.any());
    status_.stalled &= demand.any();
    status_.reason = demand.reason;
    status_.space = space;
    return before;
}

void CullThread::evict_waiting() {
    std::vector<index::Object> objects;
    std::vector<index::VolumeId> volumes;
    {
        const std::lock_guard lock(mutex_);
        objects.swap(unusable_);
        volumes.swap(unusable_volumes_);
    }
    for (const index::VolumeId id : volumes) {
        const std::optional<index::Volume> volume = parts_.index.volume(id);
        if (!volume || parts_.evictor.evict_volume(*volume) != cull::Verdict::evicted)
            continue;
        parts_.log.notice(fmt::format("culled volume {}: its coherency data is missing or too "
                                      "long, so that the driver refuses it",
                                      volume->key));
        parts_.index.remove_volume(id);
        parts_.reaper.expect(volume->totals.bytes, volume->totals.objects);
    }
    if (objects.empty())
        return;
    std::vector<cull::Outcome> outcomes(objects.size());
    parts_.evictor.evict(objects, outcomes);
    std::vector<index::ObjectId> culled;
    for (std::size_t i = 0; i < objects.size(); ++i) {
        const cull::Verdict verdict = outcomes[i].verdict;
        if (verdict == cull::Verdict::evicted || verdict == cull::Verdict::gone)
            culled.push_back(objects[i].id);
    }
    parts_.index.forget(culled);
    parts_.log.notice(
        fmt::format("culled {} objects that the driver could not use any more", culled.size()));
}

void CullThread::lose() {
    parts_.log.write(Severity::error, message_id::device_lost,
                     "the driver has given up the cache after an I/O error (the kernel's log says "
                     "which); binding it anew",
                     {});
    parts_.evictor.use(nullptr);
    {
        const std::lock_guard lock(mutex_);
        status_.online = false;
        ++status_.losses;
    }
    const Progress::Waiting waiting(progress_);
    parts_.owner.close();
    // A disk that goes on failing often lets itself be bound, only to be lost with the next use.
    const bool again =
        recovered_at_ && parts_.clock.monotonic() - *recovered_at_ < slowest_recovery;
    recovery_delay_ = again ? longer(recovery_delay_) : 0ns;
}

void CullThread::recover() {
    try {
        const Progress::Waiting waiting(progress_);
        parts_.owner.open_and_bind();
    } catch (const SystemError&) {
        recovery_delay_ = longer(recovery_delay_);
        throw;
    }
    recovered_at_ = parts_.clock.monotonic();
    parts_.index.set_all_idle();
    parts_.evictor.use(parts_.owner.device());
    parts_.log.write(Severity::notice, message_id::device_recovered, "the cache is online again",
                     {});
    last_look_ = 0ns;
    hurry_ = true;
}

} // namespace cachefiles::daemon
