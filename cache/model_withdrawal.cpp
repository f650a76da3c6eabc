// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/model.hpp"

#include <algorithm>
#include <utility>

namespace cachefiles::cache {

using protocol::CacheState;
using Step = Withdrawal::Step;

bool Model::withdraw_cache(const CachePtr& cache, Executor::Job done) {
    const Lock lock(mutex_);
    if (!cache->live() && cache->state != CacheState::io_error)
        return false;
    set_state(*cache, CacheState::withdrawn);
    cache->withdrawal.emplace();
    cache->withdrawal->done = std::move(done);
    end_access(*cache);
    return true;
}

/// Called whenever a count falls that a withdrawal may wait for.
void Model::go_on(CacheRecord& cache) {
    if (!cache.withdrawal || cache.withdrawal->queued || !may_go_on(cache))
        return;
    cache.withdrawal->queued = true;
    const auto self =
        std::ranges::find_if(caches_, [&cache](const CachePtr& it) { return it.get() == &cache; });
    options_.executor.submit([this, it = *self] { withdraw(it); });
}

bool Model::may_go_on(const CacheRecord& cache) const {
    switch (cache.withdrawal->step) {
    case Step::cache_accesses:
        return cache.accesses == 0;
    case Step::objects:
        return cache.objects == 0;
    case Step::volume_accesses:
    case Step::volumes:
        break;
    }
    return std::ranges::none_of(volumes_, [&cache](const auto& entry) {
        return entry.second->cache.get() == &cache && entry.second->accesses != 0;
    });
}

void Model::withdraw(const CachePtr& cache) {
    Lock lock(mutex_);
    Withdrawal& withdrawal = *cache->withdrawal;
    while (may_go_on(*cache)) {
        switch (withdrawal.step) {
        case Step::cache_accesses:
            unpin_volumes(*cache);
            withdrawal.step = Step::volume_accesses;
            break;
        case Step::volume_accesses: // no lookup is under way, and none can begin: all are listed
            withdraw_objects(*cache);
            withdrawal.step = Step::objects;
            break;
        case Step::objects:
            withdrawal.step = Step::volumes;
            break;
        case Step::volumes:
            if (detach_volumes(*cache, lock))
                break;
            finish_withdrawal(cache, lock);
            return;
        }
    }
    withdrawal.queued = false;
}

void Model::unpin_volumes(const CacheRecord& cache) {
    for (const auto& [id, volume] : volumes_) {
        if (volume->cache.get() == &cache)
            unpin(*volume);
    }
}

void Model::withdraw_objects(const CacheRecord& cache) {
    for (const auto& [id, cookie] : cookies_) {
        if (!cookie->has_object || cookie->volume->cache.get() != &cache)
            continue;
        request(*cookie, CookieFlag::do_withdraw);
        if (cookie->accesses == 0)
            queue(*cookie);
    }
}

/// One of them; false: there was none left.
bool Model::detach_volumes(const CacheRecord& cache, Lock& lock) {
    const auto found = std::ranges::find_if(volumes_, [&cache](const auto& entry) {
        return entry.second->cache.get() == &cache && entry.second->backend != nullptr;
    });
    if (found == volumes_.end())
        return false;
    const VolumePtr volume = found->second;
    volume->withdrawing = true;
    detach_backend(*volume, lock);
    volume->withdrawing = false;
    free_if_unused(*volume);
    return true;
}

void Model::finish_withdrawal(const CachePtr& cache, Lock& lock) {
    std::shared_ptr<Backend> backend = cache->backend;
    lock.unlock();
    backend->sync();
    lock.lock();
    cache->backend.reset();
    set_state(*cache, CacheState::absent);
    cache->bound = false;
    Executor::Job done = std::move(cache->withdrawal->done);
    cache->withdrawal.reset();
    forget_if_unused(*cache);
    lock.unlock();
    backend.reset(); // before anybody hears of it: what it held is free
    if (done)
        options_.executor.submit(std::move(done));
}

} // namespace cachefiles::cache
