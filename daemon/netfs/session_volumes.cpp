// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/netfs/session.hpp"

#include <cerrno>
#include <utility>

namespace cachefiles::daemon::netfs {

void Session::handle(Call call, const wire::AcquireVolume& request) {
    services_.registry.sweep();
    std::expected<Quota::Share, int> share = Quota::take(budget_.volumes);
    if (!share) {
        answer(call, share.error());
        return;
    }
    if (!begin_waiting(call))
        return;
    services_.executor.submit(
        [self = shared_from_this(), call, request, share = *std::move(share)]() mutable {
            self->ask_for_volume(call, request, std::move(share));
        });
}

void Session::ask_for_volume(const Call& call, const wire::AcquireVolume& request,
                             Quota::Share share) {
    if (user_ != 0 && services_.may_use_volume &&
        !services_.may_use_volume(request.cache, request.key, user_)) {
        const Lock lock(mutex_);
        answer(call, EACCES);
        return;
    }
    const Lock lock(mutex_);
    if (ended_)
        return;
    model_.acquire_volume({.key = request.key,
                           .cache = request.cache,
                           .coherency = request.coherency,
                           .owner = user_},
                          [self = shared_from_this(), call, share = std::move(share)](
                              const std::expected<cache::VolumePtr, std::errc>& volume) mutable {
                              self->volume_acquired(call, volume, std::move(share));
                          });
}

void Session::volume_acquired(const Call& call,
                              const std::expected<cache::VolumePtr, std::errc>& volume,
                              Quota::Share share) {
    const Lock lock(mutex_);
    if (!volume) {
        answer(call, static_cast<int>(volume.error()));
        return;
    }
    if (ended_) {
        must(model_.relinquish_volume(*volume, std::nullopt, false));
        services_.registry.keep(*volume, std::move(share));
        return;
    }
    const std::uint32_t number = next_number();
    volumes_.emplace(number, VolumeEntry{.volume = *volume, .share = std::move(share)});
    answer(call, wire::AcquireVolumeReply{.volume = number});
}

void Session::handle(const Call& call, const wire::RelinquishVolume& request) {
    VolumeEntry* const entry = volume_of(call, request.volume);
    if (entry == nullptr)
        return;
    if (entry->cookies != 0) {
        answer(call, EBUSY);
        return;
    }
    must(model_.relinquish_volume(entry->volume, request.coherency, request.invalidate));
    services_.registry.keep(entry->volume, std::move(entry->share));
    volumes_.erase(request.volume);
    answer(call, wire::Empty{});
}

} // namespace cachefiles::daemon::netfs
