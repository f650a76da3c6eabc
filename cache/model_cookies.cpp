// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/model.hpp"
#include "protocol/key.hpp"

#include <utility>

namespace cachefiles::cache {

using protocol::CookieState;

void Model::acquire_cookie(const VolumePtr& volume, CookieRequest request, Done<CookiePtr> done) {
    const Lock lock(mutex_);
    const auto refuse = [&](std::errc why) {
        options_.executor.submit(
            [done = std::move(done), why]() mutable { done(std::unexpected(why)); });
    };
    if (request.key.empty() || request.key.size() > protocol::longest_key ||
        request.coherency.aux.size() > longest_aux ||
        volume->flags.test(VolumeFlag::relinquished)) {
        refuse(std::errc::invalid_argument);
        return;
    }
    ++counters_.acquires;
    const auto same = volume->hashed.find(request.key);
    Cookie* const twin = same == volume->hashed.end() ? nullptr : same->second;
    if (twin != nullptr && !twin->flags.test(CookieFlag::relinquished)) {
        options_.log.warning("a cookie was acquired twice in volume " + volume->key);
        refuse(std::errc::file_exists);
        return;
    }
    ++counters_.acquires_ok;
    hash_cookie(
        std::make_shared<Cookie>(++last_cookie_, volume, request.key, std::move(request.coherency)),
        twin, std::move(done));
}

void Model::hash_cookie(const CookiePtr& cookie, Cookie* twin, Done<CookiePtr> done) {
    Volume& volume = *cookie->volume;
    cookies_.emplace(cookie->id, cookie);
    ++volume.cookies;
    ++volume.active_cookies;
    volume.hashed[cookie->identity.key] = cookie.get();
    cookie->stale = volume.stale_keys.erase(cookie->identity.key) != 0;
    cookie->flags.set(CookieFlag::is_hashed);
    if (cookie->coherency.object_size == 0)
        cookie->flags.set(CookieFlag::no_data_to_read);
    cookie->when_acquired = [cookie, done = std::move(done)]() mutable {
        done(cookie);
    };
    if (twin == nullptr) {
        options_.executor.submit(std::exchange(cookie->when_acquired, nullptr));
        return;
    }
    twin->successor = cookie.get();
    const auto report = [this, weak = cookie->weak_from_this()] {
        const CookiePtr it = weak.lock();
        const Lock lock(mutex_);
        if (it && it->when_acquired)
            options_.log.warning("a cookie in volume " + it->volume->key +
                                 " waits for one of the same key, which was relinquished");
    };
    options_.executor.submit_at(options_.clock.monotonic() + long_wait, report);
}

/// Together with becoming DROPPED: from here on the key is free.
void Model::unhash(Cookie& cookie) {
    set_state(cookie, CookieState::dropped);
    Volume& volume = *cookie.volume;
    const auto entry = volume.hashed.find(cookie.identity.key);
    if (entry != volume.hashed.end() && entry->second == &cookie)
        volume.hashed.erase(entry);
    cookie.flags.clear(CookieFlag::is_hashed);
    ++counters_.drops;
    if (Cookie* const twin = std::exchange(cookie.successor, nullptr)) {
        twin->stale = cookie.stale;
        options_.executor.submit(std::exchange(twin->when_acquired, nullptr));
    } else if (cookie.stale) {
        volume.stale_keys.insert(cookie.identity.key);
    }
}

void Model::free_if_unused(Cookie& cookie) {
    if (cookie.references() != 0 || cookie.state != CookieState::dropped)
        return;
    const VolumePtr volume = cookie.volume;
    cookies_.erase(cookie.id);
    --volume->cookies;
    free_if_unused(*volume);
}

std::errc Model::relinquish_cookie(const CookiePtr& cookie, bool retire) {
    const Lock lock(mutex_);
    if (cookie->flags.test(CookieFlag::relinquished)) {
        options_.log.warning("a cookie in volume " + cookie->volume->key +
                             " was relinquished twice");
        return std::errc::invalid_argument;
    }
    if (cookie->users != 0) {
        options_.log.warning("a cookie in volume " + cookie->volume->key +
                             " was to be relinquished while it was in use");
        return std::errc::device_or_resource_busy;
    }
    ++counters_.relinquishes;
    --cookie->volume->active_cookies;
    cookie->flags.set(CookieFlag::relinquished);
    if (retire) {
        ++counters_.retires;
        cookie->flags.set(CookieFlag::retired);
    }
    if (cookie->flags.test(CookieFlag::has_been_cached) || cookie->stale) {
        request(*cookie, CookieFlag::do_relinquish);
        queue(*cookie);
    } else {
        unhash(*cookie);
    }
    free_if_unused(*cookie);
    return {};
}

/// The worker is to take it from here, once nothing accesses the cookie.
void Model::request(Cookie& cookie, CookieFlag what) {
    cookie.flags.set(what);
    cookie.flags.clear(CookieFlag::no_access_wake);
    if (lru_.remove(cookie))
        ++counters_.lru_dropped;
}

void Model::update(const CookiePtr& cookie, const std::optional<std::string>& aux,
                   const std::optional<std::uint64_t>& size) {
    const Lock lock(mutex_);
    if (!cookie->flags.test(CookieFlag::disabled) && !cookie->flags.test(CookieFlag::relinquished))
        update_contents(*cookie, aux, size);
}

void Model::update_contents(Cookie& cookie, const std::optional<std::string>& aux,
                            const std::optional<std::uint64_t>& size) {
    ++counters_.updates;
    if (aux)
        cookie.coherency.aux = aux->substr(0, longest_aux);
    if (size)
        cookie.coherency.object_size = *size;
    cookie.flags.set(CookieFlag::needs_update);
    if (size)
        fit_content(cookie);
}

/// The content gets the object's size as it is now. Blocks that are no longer present may be filled
/// with something else: after a crash the object must not be found as it was.
void Model::fit_content(Cookie& cookie) {
    if (!cookie.file || !cookie.file->content().resize(cookie.coherency.object_size) ||
        cookie.fresh)
        return;
    cookie.flags.set(CookieFlag::do_prep_to_write);
    queue(cookie);
}

void Model::note_page_release(const CookiePtr& cookie) {
    const Lock lock(mutex_);
    if (cookie->flags.test(CookieFlag::have_data))
        cookie->flags.clear(CookieFlag::no_data_to_read);
}

bool Model::enabled(const CookiePtr& cookie) const {
    const Lock lock(mutex_);
    return !cookie->flags.test(CookieFlag::disabled);
}

bool Model::may_modify(const CookiePtr& cookie) const {
    const Lock lock(mutex_);
    return cookie->flags.test(CookieFlag::local_write);
}

/// The file is not the object's any more, or is going to be replaced: what is read from it does not
/// count from now on.
void Model::end_file(const Cookie& cookie) {
    if (cookie.file)
        cookie.file->content().end();
}

void Model::set_state(Cookie& cookie, CookieState state) {
    switch (state) {
    case CookieState::invalidating:
    case CookieState::failed:
    case CookieState::discarding:
    case CookieState::withdrawing:
    case CookieState::relinquishing:
        end_file(cookie);
        break;
    default:
        break;
    }
    const CookieState from = std::exchange(cookie.state, state);
    if (options_.on_state)
        options_.on_state(cookie, from);
}

} // namespace cachefiles::cache
