// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/model.hpp"

#include <algorithm>
#include <utility>

namespace cachefiles::cache {

using protocol::CacheState;

std::expected<CachePtr, std::errc> Model::prepare_cache(const std::string& name) {
    const Lock lock(mutex_);
    CachePtr cache = find_record(name);
    if (!cache && !name.empty())
        cache = find_record({});
    if (!cache)
        cache = add_record(name);
    if (cache->state != CacheState::absent)
        return std::unexpected(std::errc::device_or_resource_busy);
    cache->name = name;
    set_state(*cache, CacheState::preparing);
    cache->bound = true;
    return cache;
}

void Model::abandon_cache(const CachePtr& cache) {
    const Lock lock(mutex_);
    if (cache->state != CacheState::preparing)
        return;
    set_state(*cache, CacheState::absent);
    cache->bound = false;
    forget_if_unused(*cache);
}

void Model::activate_cache(const CachePtr& cache, std::shared_ptr<Backend> backend) {
    const Lock lock(mutex_);
    if (cache->state != CacheState::preparing)
        return;
    cache->backend = std::move(backend);
    ++cache->accesses;
    set_state(*cache, CacheState::active);
}

void Model::io_error(const CachePtr& cache, const std::string& what) {
    {
        const Lock lock(mutex_);
        if (cache->state != CacheState::active)
            return;
        set_state(*cache, CacheState::io_error);
    }
    options_.log.error("the cache is out of order: " + what);
}

CachePtr Model::find_record(const std::string& name) {
    const auto found = std::ranges::find_if(
        caches_, [&name](const CachePtr& cache) { return cache->name == name; });
    return found == caches_.end() ? nullptr : *found;
}

// Section 1.1: whoever does not care gets the nameless one, or the first there is.
CachePtr Model::record_for_volume(const std::string& name) {
    CachePtr cache = find_record(name);
    if (!cache && name.empty() && !caches_.empty())
        cache = caches_.front();
    return cache ? cache : add_record(name);
}

CachePtr Model::add_record(const std::string& name) {
    caches_.push_back(std::make_shared<CacheRecord>(++last_cache_));
    caches_.back()->name = name;
    return caches_.back();
}

void Model::set_state(CacheRecord& cache, CacheState state) {
    cache.state = state;
    if (options_.on_cache_state)
        options_.on_cache_state(cache);
}

void Model::forget_if_unused(CacheRecord& cache) {
    if (cache.references() == 0)
        caches_.remove_if([&cache](const CachePtr& entry) { return entry.get() == &cache; });
}

bool Model::begin_access(CacheRecord& cache) {
    if (!cache.live())
        return false;
    ++cache.accesses;
    return true;
}

void Model::end_access(CacheRecord& cache) {
    --cache.accesses;
    go_on(cache);
}

void Model::count_object(Cookie& cookie) {
    cookie.has_object = true;
    ++cookie.volume->cache->objects;
}

void Model::uncount_object(Cookie& cookie) {
    cookie.has_object = false;
    --cookie.volume->cache->objects;
    go_on(*cookie.volume->cache);
}

} // namespace cachefiles::cache
