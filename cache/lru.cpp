// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/lru.hpp"

#include "cache/cookie.hpp"

namespace cachefiles::cache {

void Lru::append(Cookie& cookie, std::chrono::nanoseconds now) {
    if (cookie.on_lru)
        list_.splice(list_.end(), list_, cookie.lru_place);
    else
        cookie.lru_place = list_.insert(list_.end(), &cookie);
    cookie.on_lru = true;
    cookie.unused_at = now;
}

bool Lru::remove(Cookie& cookie) {
    if (!cookie.on_lru)
        return false;
    list_.erase(cookie.lru_place);
    cookie.on_lru = false;
    return true;
}

Cookie* Lru::pop_expired(std::chrono::nanoseconds now) {
    if (list_.empty() || list_.front()->unused_at + timeout_ > now)
        return nullptr;
    Cookie* const first = list_.front();
    remove(*first);
    return first;
}

std::optional<std::chrono::nanoseconds> Lru::due() const {
    if (list_.empty())
        return std::nullopt;
    return list_.front()->unused_at + timeout_;
}

} // namespace cachefiles::cache
