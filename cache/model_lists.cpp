// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/model.hpp"

#include <algorithm>

namespace cachefiles::cache {

namespace {
constexpr std::size_t shown_cache_name = 15; // %-15.15s
constexpr char nameless[] = "-";

std::string shown_name(const CacheRecord& cache) {
    return cache.name.empty() ? nameless : cache.name;
}

std::string without_trailing_spaces(std::string text) {
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

protocol::CacheEntry entry_of(const CacheRecord& cache) {
    return {.id = cache.id,
            .references = cache.references(),
            .volumes = cache.volumes,
            .objects = cache.objects,
            .accesses = cache.accesses,
            .state = cache.state,
            .name = shown_name(cache)};
}

protocol::VolumeEntry entry_of(const Volume& volume) {
    return {.id = volume.id,
            .references = volume.references(),
            .cookies = volume.active_cookies,
            .accesses = volume.accesses,
            .flags = volume.flags.bits(),
            .cache = without_trailing_spaces(shown_name(*volume.cache).substr(0, shown_cache_name)),
            .key = volume.key.substr(0, volume.key.find('\n'))};
}

protocol::CookieEntry entry_of(const Cookie& cookie) {
    return {.id = cookie.id,
            .volume = cookie.volume->id,
            .references = cookie.references(),
            .users = cookie.users,
            .accesses = cookie.accesses,
            .state = cookie.state,
            .flags = cookie.flags.bits(),
            .key = cookie.identity.key,
            .aux = cookie.coherency.aux};
}
} // namespace

std::vector<protocol::CacheEntry> Model::caches() const {
    const Lock lock(mutex_);
    std::vector<protocol::CacheEntry> entries;
    entries.reserve(caches_.size());
    for (const CachePtr& cache : caches_)
        entries.push_back(entry_of(*cache));
    return entries;
}

std::vector<protocol::VolumeEntry> Model::volumes() const {
    const Lock lock(mutex_);
    std::vector<protocol::VolumeEntry> entries;
    entries.reserve(volumes_.size());
    for (const auto& [id, volume] : volumes_)
        entries.push_back(entry_of(*volume));
    return entries;
}

std::vector<protocol::CookieEntry> Model::cookies() const {
    const Lock lock(mutex_);
    std::vector<protocol::CookieEntry> entries;
    entries.reserve(cookies_.size());
    for (const auto& [id, cookie] : cookies_)
        entries.push_back(entry_of(*cookie));
    return entries;
}

protocol::CacheEntry Model::entry(const CachePtr& cache) const {
    const Lock lock(mutex_);
    return entry_of(*cache);
}

protocol::VolumeEntry Model::entry(const VolumePtr& volume) const {
    const Lock lock(mutex_);
    return entry_of(*volume);
}

protocol::CookieEntry Model::entry(const CookiePtr& cookie) const {
    const Lock lock(mutex_);
    return entry_of(*cookie);
}

Counters Model::counters() const {
    const Lock lock(mutex_);
    Counters now = counters_;
    now.cookies = cookies_.size();
    now.volumes = volumes_.size();
    now.lru_cookies = lru_.size();
    if (lru_timer_)
        now.lru_timer =
            std::max(*lru_timer_ - options_.clock.monotonic(), std::chrono::nanoseconds{1});
    return now;
}

} // namespace cachefiles::cache
