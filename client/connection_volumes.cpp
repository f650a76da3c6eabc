// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/busy.hpp"
#include "client/connection.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>
#include <variant>

namespace cachefiles::client {

namespace netfs = protocol::netfs;
using Clock = std::chrono::steady_clock;

namespace {

/// What the program has to know; whatever else a daemon refuses is no cache.
bool is_the_callers(int error) {
    return error == EINVAL || error == EBUSY || error == EACCES;
}

} // namespace

int Connection::acquire_volume(std::string key, std::string cache, std::string coherency,
                               Volume*& acquired) {
    Lock lock(mutex_);
    poke();
    const auto same = [&](const auto& entry) {
        return entry.second->key == key && entry.second->cache == cache;
    };
    if (std::ranges::any_of(volumes_, same))
        return -EBUSY;
    const std::shared_ptr<Volume> volume =
        std::make_shared<Volume>(*this, std::move(key), std::move(cache), std::move(coherency));
    volumes_.emplace(volume.get(), volume);
    if (online_) {
        const int error = acquire_there(lock, *volume);
        if (is_the_callers(error)) {
            volumes_.erase(volume.get());
            return -error;
        }
    }
    acquired = volume.get();
    return 0;
}

void Connection::relinquish_volume(Volume& volume, std::optional<std::string> coherency) {
    Lock lock(mutex_);
    while (!volume.cookies.empty()) {
        Cookie& cookie = *volume.cookies.begin()->second;
        lock.unlock();
        relinquish_cookie(cookie, false);
        lock.lock();
    }
    while (volume.acquiring)
        volume.changed.wait(lock);
    const std::shared_ptr<Volume> kept = volumes_.at(&volume);
    volumes_.erase(&volume);
    if (online_ && volume.id)
        tell(lock, netfs::RelinquishVolume{*volume.id, std::move(coherency), false});
}

/// 0, or why the daemon does not have it.
int Connection::acquire_there(Lock& lock, Volume& volume) {
    const Busy busy(volume.acquiring, volume.changed);
    const std::uint64_t epoch = epoch_;
    const std::optional<Answer> answer =
        call(lock, netfs::AcquireVolume{volume.key, volume.cache, volume.coherency});
    if (!answer || epoch != epoch_)
        return ECONNRESET;
    const auto* reply = std::get_if<netfs::AcquireVolumeReply>(&answer->body);
    if (reply == nullptr) {
        volume.retry.failed(Clock::now(), options_);
        return answer->error != 0 ? answer->error : EPROTO;
    }
    volume.id = reply->volume;
    volume.retry.reset();
    return 0;
}

bool Connection::ensure_there(Lock& lock, Volume& volume) {
    while (usable()) {
        if (volume.id)
            return true;
        if (volume.acquiring) {
            if (on_own_thread())
                return false;
            volume.changed.wait(lock);
            continue;
        }
        if (!volume.retry.due(Clock::now()))
            return false;
        if (acquire_there(lock, volume) != 0)
            return false;
    }
    return false;
}

/// One that the daemon does not have, and has not just refused.
Volume* Connection::lacking_volume(Time now) {
    for (const auto& [key, volume] : volumes_) {
        if (!volume->id && !volume->acquiring && volume->retry.due(now))
            return volume.get();
    }
    return nullptr;
}

} // namespace cachefiles::client
