// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/cull_thread.hpp"

#include "base/error.hpp"
#include "base/message_ids.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

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

} // namespace

CullThread::CullThread(const Parts& parts) : parts_(parts), worker_(parts.log, "culling") {}

void CullThread::start() {
    // Before the first turn is over somebody may ask: READY=1 comes with a status.
    status_.online = parts_.binding.bound();
    parts_.room.look();
    worker_.start({[this] { parts_.binding.enter_thread(); }, [this] { turn(); },
                   [this] { wait(); },
                   [this] {
                       end();
                   }});
}

void CullThread::ask_to_stop(bool withdraw) {
    withdraw_ = withdraw;
    worker_.ask_to_stop();
}

void CullThread::submit(std::shared_ptr<RemovalOrder> order) {
    parts_.removals.submit(std::move(order));
    worker_.wake();
}

void CullThread::evict_unusable(std::vector<index::Object> objects,
                                std::vector<index::VolumeId> volumes) {
    const std::lock_guard lock(mutex_);
    std::move(objects.begin(), objects.end(), std::back_inserter(unusable_));
    unusable_volumes_.insert(unusable_volumes_.end(), volumes.begin(), volumes.end());
    worker_.wake();
}

CullThread::Status CullThread::status() const {
    const std::lock_guard lock(mutex_);
    return status_;
}

void CullThread::end() {
    parts_.removals.close();
    if (withdraw_) {
        const Progress::Waiting waiting(worker_.progress());
        parts_.binding.close();
    }
    ended_ = true;
}

void CullThread::turn() {
    parts_.room.forget_hurry();
    removing_ = false;
    if (!parts_.binding.bound()) {
        parts_.removals.fail("the cache is not online");
        recover();
        return;
    }
    last_look_ = parts_.clock.monotonic();
    const std::optional<Binding::State> state = parts_.binding.look();
    if (!parts_.binding.alive()) {
        lose();
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        status_.online = true;
        status_.released += state ? state->released : 0;
    }
    evict_waiting();
    if (!state)
        parts_.removals.drop_canceled();
    else if (!make_room(*state))
        lose();
}

/// First what the file system needs, then what somebody asked for. False: the cache is out of
/// order.
bool CullThread::make_room(const Binding::State& state) {
    const auto go_on = [this] {
        return worker_.go_on();
    };
    if (!parts_.room.run(state, go_on))
        return false;
    const Removals::Served served = parts_.removals.serve(go_on);
    removing_ = served == Removals::Served::more;
    {
        const std::lock_guard lock(mutex_);
        status_.removing = parts_.removals.removing();
    }
    return served != Removals::Served::lost;
}

/// Sleeps until it is time to look, until something was released (but for the shortest interval),
/// or until another thread wants something.
void CullThread::wait() {
    if (removing_)
        return;
    const bool bound = parts_.binding.bound();
    const Time rest = shortest_interval - (parts_.clock.monotonic() - last_look_);
    if (bound && !parts_.room.hurry() && rest > 0ns) {
        if (worker_.wait(-1, rest).by_wake)
            return;
    }
    worker_.wait(bound ? parts_.binding.descriptor() : -1, until_next_look());
}

CullThread::Time CullThread::until_next_look() const {
    if (!parts_.binding.bound())
        return recovery_delay_;
    if (parts_.room.hurry())
        return after_a_pass;
    return std::max(parts_.room.next_look(last_look_) - parts_.clock.monotonic(), 0ns);
}

void CullThread::evict_waiting() {
    std::vector<index::Object> objects;
    std::vector<index::VolumeId> volumes;
    {
        const std::lock_guard lock(mutex_);
        objects.swap(unusable_);
        volumes.swap(unusable_volumes_);
    }
    evict_volumes(volumes);
    if (!objects.empty())
        evict_objects(objects);
}

void CullThread::evict_volumes(const std::vector<index::VolumeId>& volumes) {
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
}

void CullThread::evict_objects(const std::vector<index::Object>& objects) {
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
    const std::string why = parts_.binding.death();
    parts_.removals.fail("the cache was lost: " + why);
    parts_.log.write(Severity::error, message_id::device_lost,
                     fmt::format("{}; binding the cache anew", why), {});
    {
        const std::lock_guard lock(mutex_);
        status_.online = status_.removing = false;
        ++status_.losses;
    }
    tell(false, why);
    const Progress::Waiting waiting(worker_.progress());
    parts_.binding.close();
    // A disk that goes on failing often lets itself be bound, only to be lost with the next use.
    const bool again =
        recovered_at_ && parts_.clock.monotonic() - *recovered_at_ < slowest_recovery;
    recovery_delay_ = again ? longer(recovery_delay_) : 0ns;
}

void CullThread::tell(bool online, const std::string& why) const {
    if (parts_.changed)
        parts_.changed(online, why);
}

void CullThread::recover() {
    try {
        const Progress::Waiting waiting(worker_.progress());
        parts_.binding.open();
    } catch (const SystemError&) {
        recovery_delay_ = longer(recovery_delay_);
        throw;
    }
    recovered_at_ = parts_.clock.monotonic();
    parts_.index.set_all_idle();
    parts_.log.write(Severity::notice, message_id::device_recovered, "the cache is online again",
                     {});
    tell(true, {});
    last_look_ = 0ns;
    nudge(); // look at once
}

} // namespace cachefiles::daemon
