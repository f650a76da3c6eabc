// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/model.hpp"

namespace cachefiles::cache {

using protocol::CookieState;

std::errc Model::use(const CookiePtr& cookie, bool will_modify) {
    const Lock lock(mutex_);
    FlagSet<CookieFlag>& flags = cookie->flags;
    if (flags.test(CookieFlag::relinquished)) {
        options_.log.warning("a cookie in volume " + cookie->volume->key +
                             " was used after it had been relinquished");
        return std::errc::invalid_argument;
    }
    ++cookie->users;
    // In every state: what a lookup under way or to come finds needs its mark, too.
    const bool first_modifying = will_modify && !flags.test_and_set(CookieFlag::local_write);
    switch (cookie->state) {
    case CookieState::quiescent:
        begin_lookup(*cookie);
        break;
    case CookieState::active:
    case CookieState::invalidating:
        if (first_modifying) {
            flags.set(CookieFlag::do_prep_to_write);
            queue(*cookie);
        }
        flags.clear(CookieFlag::do_lru_discard);
        break;
    case CookieState::discarding:
        cookie->use_waits = true;
        break;
    default: // being looked up; or there is nothing to be had until it is quiescent
        break;
    }
    return {};
}

std::errc Model::unuse(const CookiePtr& cookie, const std::optional<std::string>& aux,
                       const std::optional<std::uint64_t>& size) {
    const Lock lock(mutex_);
    if (cookie->users == 0) {
        options_.log.warning("a cookie in volume " + cookie->volume->key +
                             " was unused more often than used");
        return std::errc::invalid_argument;
    }
    if (aux || size)
        update_contents(*cookie, aux, size);
    if (--cookie->users != 0)
        return {};
    cookie->flags.clear(CookieFlag::disabled);
    if (!cookie->has_object && cookie->state == CookieState::quiescent)
        cookie->flags.clear(CookieFlag::local_write); // there was nothing to modify
    if (cookie->flags.test(CookieFlag::is_caching)) {
        lru_.append(*cookie, options_.clock.monotonic());
        arm_lru();
    }
    return {};
}

/// Nothing happens if the cache is not live: the next use tries again.
void Model::begin_lookup(Cookie& cookie) {
    if (!begin_access(*cookie.volume))
        return;
    ++cookie.accesses;
    cookie.flags.set(CookieFlag::is_caching);
    cookie.flags.set(CookieFlag::has_been_cached);
    set_state(cookie, CookieState::looking_up);
    queue(cookie);
}

void Model::arm_lru() {
    const std::optional<std::chrono::nanoseconds> due = lru_.due();
    if (!due || (lru_timer_ && *lru_timer_ <= *due))
        return;
    lru_timer_ = due;
    options_.executor.submit_at(*due, [this] { run_lru(); });
}

void Model::run_lru() {
    const Lock lock(mutex_);
    const std::chrono::nanoseconds now = options_.clock.monotonic();
    while (Cookie* const expired = lru_.pop_expired(now)) {
        const CookiePtr cookie = expired->shared_from_this();
        if (cookie->state != CookieState::active || cookie->users != 0) {
            ++counters_.lru_removed;
        } else {
            ++counters_.lru_expired;
            request(*cookie, CookieFlag::do_lru_discard);
            if (cookie->accesses == 0)
                queue(*cookie);
        }
        free_if_unused(*cookie);
    }
    lru_timer_.reset();
    arm_lru();
}

} // namespace cachefiles::cache
