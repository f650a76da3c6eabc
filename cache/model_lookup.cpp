// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/model.hpp"

#include <utility>

namespace cachefiles::cache {

using protocol::CookieState;

/// Section 4. False: it waits for the volume, and will be resumed.
bool Model::look_up(Cookie& cookie, Lock& lock) {
    if (!cookie.has_request()) // or the end of the last access would not wake the worker
        cookie.flags.set(CookieFlag::no_access_wake);
    if (!cookie.volume->backend && attach_for_lookup(cookie))
        return false;
    cookie.volume_asked = false;
    if (!cookie.volume->backend) {
        set_state(cookie, CookieState::quiescent);
        end_pending_invalidation(cookie);
        settle(cookie);
        end_access(cookie);
        end_access(*cookie.volume);
        return true;
    }
    Lookup::Result result = Lookup::Result::failed;
    if (ask_backend(cookie, lock, result)) {
        lookup_succeeded(cookie, result);
        settle(cookie);
        end_access(cookie);
    } else {
        lookup_failed(cookie);
    }
    end_access(*cookie.volume);
    return true;
}

/// True: the volume is being attached, or is going to be; once for each lookup.
bool Model::attach_for_lookup(Cookie& cookie) {
    if (std::exchange(cookie.volume_asked, true) || !create_volume(*cookie.volume))
        return false;
    cookie.volume->creation_waiters.emplace_back(
        [this, it = cookie.shared_from_this()] { run_worker(it, true); });
    return true;
}

/// False: there is no object.
bool Model::ask_backend(Cookie& cookie, Lock& lock, Lookup::Result& result) {
    count_object(cookie);
    const Coherency wanted = cookie.coherency;
    BackendVolume& volume = *cookie.volume->backend; // stays: the lookup has an access
    std::shared_ptr<BackendFile> file;
    lock.unlock();
    Lookup lookup =
        volume.look_up(cookie.identity, wanted, [this, &cookie] { note_negative(cookie); });
    if (lookup.object)
        file = lookup.object->file();
    lock.lock();
    result = lookup.result;
    if (result == Lookup::Result::failed || !lookup.object) {
        uncount_object(cookie);
        return false;
    }
    cookie.object = std::move(lookup.object);
    cookie.file = std::move(file);
    return true;
}

void Model::lookup_succeeded(Cookie& cookie, Lookup::Result result) {
    FlagSet<CookieFlag>& flags = cookie.flags;
    const bool found = result == Lookup::Result::found;
    bool invalidate = flags.test_and_clear(CookieFlag::do_invalidate); // its access goes on
    if (found && cookie.stale && !invalidate) {
        ++cookie.accesses;
        invalidate = true;
    }
    cookie.stale = false;
    cookie.fresh = !found;
    if (!found) {
        flags.set(CookieFlag::no_data_to_read);
        flags.set(CookieFlag::needs_update);
    } else {
        if (!invalidate)
            flags.clear(CookieFlag::no_data_to_read);
        if (flags.test(CookieFlag::local_write))
            flags.set(CookieFlag::do_prep_to_write);
    }
    fit_content(cookie); // the size may be another one since the lookup began
    set_state(cookie, invalidate ? CookieState::invalidating : CookieState::active);
}

void Model::lookup_failed(Cookie& cookie) {
    fail(cookie);
    end_pending_invalidation(cookie);
    settle(cookie);
    end_access(cookie);
    request(cookie, CookieFlag::do_withdraw);
}

/// The lookup it was to follow came to nothing: whoever finds the object later must know.
void Model::end_pending_invalidation(Cookie& cookie) {
    if (!cookie.flags.test_and_clear(CookieFlag::do_invalidate))
        return;
    cookie.stale = true;
    end_access(cookie);
}

/// In the middle of look_up(): readers need not wait any longer.
void Model::note_negative(Cookie& cookie) {
    const Lock lock(mutex_);
    if (cookie.state != CookieState::looking_up)
        return;
    cookie.flags.set(CookieFlag::no_data_to_read);
    set_state(cookie, CookieState::creating);
    settle(cookie);
}

/// What a relinquished cookie has on the disk and nobody may find again: invalidated, or retired,
/// while there was no object.
void Model::purge(Cookie& cookie, Lock& lock) {
    if (!cookie.stale && !(cookie.on_disk && cookie.flags.test(CookieFlag::retired)))
        return;
    if (!cookie.volume->backend || !begin_access(*cookie.volume))
        return;
    Lookup::Result result = Lookup::Result::failed;
    if (ask_backend(cookie, lock, result)) {
        cookie.poisoned = true;
        detach_object(cookie, lock);
        cookie.stale = false;
    }
    end_access(*cookie.volume);
}

} // namespace cachefiles::cache
