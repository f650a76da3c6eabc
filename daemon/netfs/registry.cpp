// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/netfs/registry.hpp"

#include "daemon/netfs/session.hpp"

#include <optional>

namespace cachefiles::daemon::netfs {
namespace {

using protocol::CookieState;
using Why = protocol::netfs::FileEnded::Why;

/// Of a file that a cookie had until it got into that state.
std::optional<Why> why_ended(CookieState state) {
    switch (state) {
    case CookieState::invalidating:
        return Why::invalidated;
    case CookieState::withdrawing:
        return Why::withdrawn;
    case CookieState::failed:
        return Why::failed;
    case CookieState::discarding:
        return Why::discarded;
    default: // relinquishing: by the client itself
        return std::nullopt;
    }
}

} // namespace

void Registry::state_changed(const cache::Cookie& cookie, CookieState /*from*/) {
    const std::lock_guard lock(mutex_);
    const auto found = cookies_.find(&cookie);
    if (found == cookies_.end())
        return;
    if (cookie.state == CookieState::dropped) {
        cookies_.erase(found);
        return;
    }
    Entry& entry = found->second;
    entry.state = cookie.state;
    if (entry.state == CookieState::quiescent && !entry.used)
        entry.file.reset();
    end_file(entry, cookie);
}

void Registry::end_file(Entry& entry, const cache::Cookie& cookie) {
    const std::optional<Why> why = why_ended(entry.state);
    if (!why || !std::exchange(entry.shown, false))
        return;
    executor_.submit([it = cookie.shared_from_this(), weak = entry.session, why = *why] {
        if (const std::shared_ptr<Session> session = weak.lock())
            session->file_ended(*it, why);
    });
}

void Registry::cache_changed(const cache::CacheRecord& cache) {
    const std::lock_guard lock(mutex_);
    const bool online = cache.live();
    if (online ? !online_.insert(&cache).second : online_.erase(&cache) == 0)
        return;
    executor_.submit([this, it = &cache, name = cache.name, online] {
        std::vector<std::shared_ptr<Session>> sessions;
        {
            const std::lock_guard job_lock(mutex_);
            for (const auto& [key, weak] : sessions_) {
                if (std::shared_ptr<Session> session = weak.lock())
                    sessions.push_back(std::move(session));
            }
        }
        for (const std::shared_ptr<Session>& session : sessions)
            session->cache_changed(it, name, online);
    });
}

void Registry::join(const std::shared_ptr<Session>& session) {
    const std::lock_guard lock(mutex_);
    sessions_.emplace(session.get(), session);
}

void Registry::leave(const Session& session) {
    const std::lock_guard lock(mutex_);
    sessions_.erase(&session);
}

void Registry::add(const cache::Cookie& cookie, const std::shared_ptr<Session>& session,
                   Quota::Share share) {
    const std::lock_guard lock(mutex_);
    Entry& entry = cookies_[&cookie];
    entry.session = session;
    entry.share = std::move(share);
}

std::expected<void, int> Registry::use(const cache::Cookie& cookie,
                                       const std::shared_ptr<Quota>& files) {
    const std::lock_guard lock(mutex_);
    Entry& entry = cookies_[&cookie];
    if (!entry.file) {
        std::expected<Quota::Share, int> share = Quota::take(files);
        if (!share)
            return std::unexpected(share.error());
        entry.file = *std::move(share);
    }
    entry.used = true;
    return {};
}

void Registry::unuse(const cache::Cookie& cookie) {
    const std::lock_guard lock(mutex_);
    const auto found = cookies_.find(&cookie);
    if (found == cookies_.end())
        return;
    found->second.used = false;
    if (found->second.state == CookieState::quiescent)
        found->second.file.reset();
}

void Registry::show(const cache::Cookie& cookie) {
    const std::lock_guard lock(mutex_);
    const auto found = cookies_.find(&cookie);
    if (found != cookies_.end())
        found->second.shown = true;
}

void Registry::keep(const cache::VolumePtr& volume, Quota::Share share) {
    const std::lock_guard lock(mutex_);
    volumes_.emplace_back(volume, std::move(share));
}

void Registry::sweep() {
    const std::lock_guard lock(mutex_);
    std::erase_if(volumes_, [](const auto& entry) { return entry.first.expired(); });
}

std::size_t Registry::cookies() const {
    const std::lock_guard lock(mutex_);
    return cookies_.size();
}

} // namespace cachefiles::daemon::netfs
