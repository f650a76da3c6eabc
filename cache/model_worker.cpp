// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/model.hpp"

#include <utility>

namespace cachefiles::cache {

using protocol::CookieState;

void Model::queue(Cookie& cookie) {
    if (!std::exchange(cookie.queued, true) && !cookie.running)
        submit_worker(cookie);
}

void Model::submit_worker(Cookie& cookie) {
    options_.executor.submit([this, it = cookie.shared_from_this()] { run_worker(it, false); });
}

/// One at a time for each cookie. `resumed`: goes on with a lookup that waited for the volume.
void Model::run_worker(const CookiePtr& cookie, bool resumed) {
    Lock lock(mutex_);
    if (!resumed)
        cookie->queued = false;
    cookie->running = true;
    if (!run_states(*cookie, lock))
        return; // somebody comes back here
    cookie->running = false;
    if (cookie->queued)
        submit_worker(*cookie);
    free_if_unused(*cookie);
}

/// Until there is nothing (more) to do. False: the lookup waits for the volume.
bool Model::run_states(Cookie& cookie, Lock& lock) {
    for (;;) {
        switch (cookie.state) {
        case CookieState::looking_up:
            if (!look_up(cookie, lock))
                return false;
            break;
        case CookieState::invalidating:
            run_invalidation(cookie, lock);
            break;
        case CookieState::active:
            if (!run_active(cookie, lock))
                return true;
            break;
        case CookieState::quiescent:
        case CookieState::failed:
            if (!run_idle(cookie))
                return true;
            break;
        case CookieState::discarding:
        case CookieState::withdrawing:
        case CookieState::relinquishing:
            run_ending(cookie, lock);
            break;
        default:
            return true;
        }
    }
}

/// False: it stays as it is. The order is section 2's; whatever gave up the lock starts anew.
bool Model::run_active(Cookie& cookie, Lock& lock) {
    if (cookie.flags.test_and_clear(CookieFlag::do_prep_to_write)) {
        run_mark(cookie, lock);
        return true;
    }
    if (!cookie.resizes.empty()) {
        run_resizes(cookie, lock);
        return true;
    }
    if (!cookie.flags.test(CookieFlag::do_lru_discard))
        return run_idle(cookie);
    if (cookie.accesses != 0)
        return false;
    set_state(cookie, CookieState::discarding);
    settle(cookie);
    return true;
}

void Model::run_mark(Cookie& cookie, Lock& lock) {
    if (!cookie.fresh) {
        cookie.marking = true;
        lock.unlock();
        cookie.object->prepare_to_write();
        lock.lock();
        cookie.marking = false;
    }
    settle(cookie);
}

/// The requests that wait until nothing accesses the cookie. False: there is nothing to do.
bool Model::run_idle(Cookie& cookie) {
    if (cookie.accesses != 0)
        return false;
    if (cookie.flags.test(CookieFlag::do_relinquish))
        set_state(cookie, CookieState::relinquishing);
    else if (cookie.flags.test(CookieFlag::do_withdraw) && cookie.state != CookieState::quiescent)
        set_state(cookie, CookieState::withdrawing);
    else
        return false;
    settle(cookie);
    return true;
}

/// U, W and R: the object is let go of; then quiescent or dropped.
void Model::run_ending(Cookie& cookie, Lock& lock) {
    if (cookie.has_object)
        detach_object(cookie, lock);
    if (cookie.state == CookieState::relinquishing) {
        purge(cookie, lock);
        unhash(cookie);
        settle(cookie);
        return;
    }
    cookie.flags.clear(CookieFlag::needs_update);
    cookie.flags.clear(CookieFlag::do_withdraw);
    cookie.flags.clear(CookieFlag::do_lru_discard);
    cookie.flags.clear(CookieFlag::do_prep_to_write);
    cookie.flags.set(CookieFlag::no_data_to_read);
    set_state(cookie, CookieState::quiescent);
    if (std::exchange(cookie.use_waits, false) && cookie.users != 0)
        begin_lookup(cookie);
    settle(cookie);
}

void Model::detach_object(Cookie& cookie, Lock& lock) {
    // Of what is being modified nobody has said yet by which coherency data it would be known.
    const bool half_modified = cookie.users != 0 && cookie.flags.test(CookieFlag::local_write);
    const bool retire = cookie.poisoned || half_modified || cookie.flags.test(CookieFlag::retired);
    const Coherency last = cookie.coherency;
    std::unique_ptr<BackendObject> object = std::move(cookie.object);
    std::shared_ptr<BackendFile> file = std::move(cookie.file);
    cookie.flags.clear(CookieFlag::needs_update);
    if (cookie.users == 0) // those who are left may go on modifying after the next lookup
        cookie.flags.clear(CookieFlag::local_write);
    lock.unlock();
    file.reset();
    object->detach(retire ? Ending::retire : Ending::commit, last);
    object.reset();
    lock.lock();
    cookie.on_disk = !retire;
    cookie.poisoned = false;
    uncount_object(cookie);
}

void Model::run_invalidation(Cookie& cookie, Lock& lock) {
    const Coherency now = cookie.coherency;
    std::shared_ptr<BackendFile> file;
    lock.unlock();
    const bool done = cookie.object->invalidate(now);
    if (done)
        file = cookie.object->file();
    lock.lock();
    cookie.file.swap(file);
    if (done) {
        cookie.fresh = true;
        fit_content(cookie);
        cookie.flags.set(CookieFlag::needs_update);
        set_state(cookie, CookieState::active);
    } else {
        cookie.poisoned = true;
        fail(cookie);
    }
    settle(cookie);
    end_access(cookie);
}

void Model::fail(Cookie& cookie) {
    cookie.flags.clear(CookieFlag::is_caching);
    set_state(cookie, CookieState::failed);
    refuse_resizes(cookie);
}

/// One of them: others may come while it is at work. One that was overtaken by an invalidation,
/// which brought a size of its own, is void.
void Model::run_resizes(Cookie& cookie, Lock& lock) {
    PendingResize resize = std::move(cookie.resizes.front());
    cookie.resizes.erase(cookie.resizes.begin());
    const bool valid = resize.operation->invalidations == cookie.invalidations;
    if (valid) {
        ++counters_.resizes;
        const std::uint64_t before = std::exchange(cookie.coherency.object_size, resize.size);
        cookie.flags.set(CookieFlag::needs_update);
        if (cookie.file)
            cookie.file->content().resize(resize.size);
        lock.unlock();
        cookie.object->resize(before, resize.size);
        lock.lock();
    } else {
        ++counters_.resizes_skipped;
    }
    answer(std::move(resize.done), valid);
    end(*resize.operation);
}

void Model::refuse_resizes(Cookie& cookie) {
    for (PendingResize& resize : std::exchange(cookie.resizes, {})) {
        ++counters_.resizes_skipped;
        answer(std::move(resize.done), false);
        end(*resize.operation);
    }
}

} // namespace cachefiles::cache
