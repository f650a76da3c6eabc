// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/model.hpp"
#include "protocol/key.hpp"

#include <algorithm>
#include <utility>

namespace cachefiles::cache {

void Model::acquire_volume(VolumeRequest request, Done<VolumePtr> done) {
    const Lock lock(mutex_);
    const auto refuse = [&](std::errc why) {
        options_.executor.submit(
            [done = std::move(done), why]() mutable { done(std::unexpected(why)); });
    };
    if (request.key.empty() || request.key.size() > protocol::longest_key) {
        refuse(std::errc::invalid_argument);
        return;
    }
    const CachePtr cache = record_for_volume(request.cache);
    Volume* twin = nullptr;
    for (const auto& [id, other] : volumes_) {
        if (other->cache != cache || other->key != request.key)
            continue;
        if (!other->flags.test(VolumeFlag::relinquished)) {
            refuse(std::errc::device_or_resource_busy);
            return;
        }
        twin = other.get();
    }
    const VolumePtr volume =
        std::make_shared<Volume>(++last_volume_, cache, std::move(request.key), request.owner);
    volume->coherency = std::move(request.coherency);
    hash_volume(volume, twin, std::move(done));
}

void Model::hash_volume(const VolumePtr& volume, Volume* twin, Done<VolumePtr> done) {
    volumes_.emplace(volume->id, volume);
    ++volume->cache->volumes;
    volume->when_acquired = [volume, done = std::move(done)]() mutable {
        done(volume);
    };
    if (twin == nullptr) {
        create_volume(*volume);
        options_.executor.submit(std::exchange(volume->when_acquired, nullptr));
        return;
    }
    twin->flags.set(VolumeFlag::collided_with);
    twin->successor = volume.get();
    volume->flags.set(VolumeFlag::acquire_pending);
    const auto report = [this, weak = volume->weak_from_this()] {
        const VolumePtr it = weak.lock();
        const Lock lock(mutex_);
        if (!it || !it->flags.test(VolumeFlag::acquire_pending))
            return;
        ++counters_.volume_collisions;
        options_.log.warning("volume " + it->key +
                             " waits for one of the same key, which was relinquished");
    };
    options_.executor.submit_at(options_.clock.monotonic() + long_wait, report);
}

std::errc Model::relinquish_volume(const VolumePtr& volume,
                                   const std::optional<std::string>& coherency, bool invalidate) {
    const Lock lock(mutex_);
    if (volume->flags.test_and_set(VolumeFlag::relinquished)) {
        options_.log.warning("volume " + volume->key + " was relinquished twice");
        return std::errc::invalid_argument;
    }
    if (invalidate) {
        volume->flags.set(VolumeFlag::invalidate);
        create_volume(*volume); // what it never had to attach is on the disk all the same
    } else if (coherency) {
        volume->coherency = *coherency;
    }
    free_if_unused(*volume);
    return {};
}

/// Single flight; false: the cache is not there. CREATING is set until it has come to an end.
bool Model::create_volume(Volume& volume) {
    if (volume.flags.test(VolumeFlag::creating))
        return true;
    if (volume.backend || !begin_access(*volume.cache))
        return false;
    volume.flags.set(VolumeFlag::creating);
    options_.executor.submit([this, it = volume.shared_from_this()] { attach_volume(it); });
    return true;
}

void Model::attach_volume(const VolumePtr& volume) {
    Lock lock(mutex_);
    const std::shared_ptr<Backend> backend = volume->cache->backend;
    const std::string coherency = volume->coherency;
    lock.unlock();
    std::unique_ptr<BackendVolume> made =
        backend->attach_volume(volume->key, coherency, volume->owner);
    lock.lock();
    if (made) {
        volume->backend = std::move(made);
        volume->pinned = true;
        ++volume->accesses;
    }
    volume->flags.clear(VolumeFlag::creating);
    for (Executor::Job& waiter : std::exchange(volume->creation_waiters, {}))
        options_.executor.submit(std::move(waiter));
    end_access(*volume->cache);
    free_if_unused(*volume);
}

bool Model::begin_access(Volume& volume) {
    if (!volume.cache->live())
        return false;
    ++volume.accesses;
    return true;
}

void Model::end_access(Volume& volume) {
    if (--volume.accesses == 0)
        go_on(*volume.cache);
}

void Model::unpin(Volume& volume) {
    if (std::exchange(volume.pinned, false))
        end_access(volume);
}

void Model::free_if_unused(Volume& volume) {
    if (volume.references() != 0 || std::exchange(volume.freeing, true))
        return;
    const VolumePtr self = volume.shared_from_this();
    if (!volume.backend) {
        forget(self);
        return;
    }
    ++volume.accesses; // a withdrawal waits for the detaching
    unpin(volume);
    options_.executor.submit([this, self] { free_volume(self); });
}

void Model::free_volume(const VolumePtr& volume) {
    Lock lock(mutex_);
    detach_backend(*volume, lock);
    forget(volume);
    end_access(*volume);
    // The record may be forgotten only now: end_access() looks for it.
    forget_if_unused(*volume->cache);
}

/// Gives the lock up meanwhile. The driver never looks at INVALIDATE.
void Model::detach_backend(Volume& volume, Lock& lock) {
    std::unique_ptr<BackendVolume> backend = std::move(volume.backend);
    const std::string coherency = volume.coherency;
    const bool invalid = volume.flags.test(VolumeFlag::invalidate);
    lock.unlock();
    if (backend && invalid)
        backend->discard();
    else if (backend)
        backend->detach(coherency);
    backend.reset();
    lock.lock();
}

void Model::forget(const VolumePtr& volume) {
    if (Volume* const twin = std::exchange(volume->successor, nullptr)) {
        twin->flags.clear(VolumeFlag::acquire_pending);
        create_volume(*twin);
        options_.executor.submit(std::exchange(twin->when_acquired, nullptr));
    }
    volumes_.erase(volume->id);
    --volume->cache->volumes;
    if (volume->accesses == 0)
        forget_if_unused(*volume->cache);
}

} // namespace cachefiles::cache
