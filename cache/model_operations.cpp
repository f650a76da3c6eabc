// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/model.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cachefiles::cache {

using protocol::CookieState;

// Section 6.
void Model::invalidate(const CookiePtr& cookie, const std::optional<std::string>& aux,
                       std::uint64_t size, bool direct_write) {
    const Lock lock(mutex_);
    FlagSet<CookieFlag>& flags = cookie->flags;
    if (flags.test(CookieFlag::disabled))
        return;
    ++counters_.invalidates;
    if (flags.test(CookieFlag::relinquished)) {
        options_.log.warning("a cookie in volume " + cookie->volume->key +
                             " was invalidated after it had been relinquished");
        return;
    }
    if (direct_write && cookie->users != 0) // without users nobody would ever enable it again
        flags.set(CookieFlag::disabled);
    flags.set(CookieFlag::no_data_to_read);
    if (aux)
        cookie->coherency.aux = aux->substr(0, longest_aux);
    cookie->coherency.object_size = size;
    ++cookie->invalidations;
    switch (cookie->state) {
    case CookieState::active:
        if (begin_access(*cookie)) {
            set_state(*cookie, CookieState::invalidating);
            queue(*cookie);
        } else {
            cookie->poisoned = true;
            end_file(*cookie);
        }
        break;
    case CookieState::looking_up:
        if (!flags.test_and_set(CookieFlag::do_invalidate))
            ++cookie->accesses;
        break;
    case CookieState::creating:     // the file is new
    case CookieState::invalidating: // likewise; operations have the count
        break;
    default:
        cookie->stale = true;
        break;
    }
}

void Model::resize(const CookiePtr& cookie, std::uint64_t size, Answer done) {
    const Lock lock(mutex_);
    if (cookie->flags.test(CookieFlag::disabled)) {
        answer(std::move(done), false);
        return;
    }
    begin(cookie, Want::write,
          [this, cookie, size, done = std::move(done)](const OperationPtr& operation) mutable {
              if (!operation) {
                  ++counters_.resizes_skipped;
                  answer(std::move(done), false);
                  return;
              }
              cookie->resizes.push_back({operation, size, std::move(done)});
              queue(*cookie);
          });
}

void Model::begin_operation(const CookiePtr& cookie, Done<OperationPtr> done) {
    const Lock lock(mutex_);
    auto finish = [this, done = std::move(done)](const OperationPtr& operation) mutable {
        options_.executor.submit([done = std::move(done), operation]() mutable {
            if (operation)
                done(operation);
            else
                done(std::unexpected(std::errc::no_buffer_space));
        });
    };
    if (cookie->flags.test(CookieFlag::disabled))
        finish(nullptr);
    else
        begin(cookie, Want::params, std::move(finish));
}

/// `finish` gets null when it cannot be; it is called under the lock, now or later.
void Model::begin(const CookiePtr& cookie, Want want,
                  std::move_only_function<void(const OperationPtr&)> finish) {
    if (cookie->flags.test(CookieFlag::relinquished) || !begin_access(*cookie)) {
        finish(nullptr);
        return;
    }
    const OperationPtr operation = std::make_shared<Operation>(cookie);
    operation->begun = true;
    add_waiter(*cookie, {.operation = operation,
                         .want = want,
                         .beginning = true,
                         .finish = [operation, finish = std::move(finish)](bool ready) mutable {
                             finish(ready ? operation : nullptr);
                         }});
}

void Model::wait(const OperationPtr& operation, Want want, Answer done) {
    const Lock lock(mutex_);
    if (!operation->cookie->volume->cache->live()) { // a withdrawal waits for its end
        answer(std::move(done), false);
        return;
    }
    const bool unmarked = want == Want::write && !marked(*operation->cookie);
    if ((operation->file && !unmarked) || !operation->begun) {
        answer(std::move(done), operation->begun);
        return;
    }
    add_waiter(*operation->cookie, {.operation = operation,
                                    .want = want,
                                    .finish = [this, done = std::move(done)](bool ready) mutable {
                                        answer(std::move(done), ready);
                                    }});
}

void Model::end_operation(const OperationPtr& operation) {
    const Lock lock(mutex_);
    if (operation->begun)
        end(*operation);
}

void Model::end(Operation& operation) {
    Cookie& cookie = *operation.cookie;
    operation.begun = false;
    operation.file.reset();
    for (Waiter& waiter : std::exchange(cookie.waiters, {})) {
        if (waiter.operation.get() == &operation)
            waiter.finish(false);
        else
            cookie.waiters.push_back(std::move(waiter));
    }
    end_access(cookie);
}

/// Whether the mark of a modifying use, if there is one to come, is on the disk.
bool Model::marked(const Cookie& cookie) {
    return cookie.state != CookieState::active ||
           (!cookie.flags.test(CookieFlag::do_prep_to_write) && !cookie.marking);
}

/// Whether what the waiter waits for is there, will be, or will not.
Model::Verdict Model::judge(const Cookie& cookie, const Waiter& waiter) {
    if (!cookie.flags.test(CookieFlag::is_caching) || !cookie.volume->cache->live())
        return Verdict::refuse;
    const bool params = waiter.want == Want::params;
    const bool current = waiter.operation->invalidations == cookie.invalidations;
    switch (cookie.state) {
    case CookieState::active: // a file for an operation from before would take in old data
        if (waiter.want == Want::write && current && !marked(cookie))
            return Verdict::wait;
        return params || current ? Verdict::ready : Verdict::refuse;
    case CookieState::creating:
        return params ? Verdict::ready : Verdict::wait;
    case CookieState::invalidating:
        return params && !waiter.beginning ? Verdict::ready : Verdict::wait;
    case CookieState::looking_up:
    case CookieState::discarding:
        return Verdict::wait;
    default:
        return Verdict::refuse;
    }
}

void Model::add_waiter(Cookie& cookie, Waiter waiter) {
    const Verdict verdict = judge(cookie, waiter);
    if (verdict != Verdict::wait) {
        finish(waiter, verdict);
        return;
    }
    waiter.since = options_.clock.monotonic();
    cookie.waiters.push_back(std::move(waiter));
    arm_wait_timer(cookie, options_.clock.monotonic() + long_wait);
}

/// After each change of state: whoever need not wait any longer goes on.
void Model::settle(Cookie& cookie) {
    for (Waiter& waiter : std::exchange(cookie.waiters, {})) {
        const Verdict verdict = judge(cookie, waiter);
        if (verdict == Verdict::wait)
            cookie.waiters.push_back(std::move(waiter));
        else
            finish(waiter, verdict);
    }
}

void Model::finish(Waiter& waiter, Verdict verdict) {
    Operation& operation = *waiter.operation;
    Cookie& cookie = *operation.cookie;
    const bool ready = verdict == Verdict::ready;
    if (ready && cookie.state == CookieState::active &&
        operation.invalidations == cookie.invalidations)
        operation.file = cookie.file;
    if (!ready && waiter.beginning) {
        operation.begun = false;
        end_access(cookie);
    }
    waiter.finish(ready);
}

void Model::arm_wait_timer(Cookie& cookie, std::chrono::nanoseconds at) {
    if (std::exchange(cookie.wait_timer, true))
        return;
    options_.executor.submit_at(at, [this, weak = cookie.weak_from_this()] {
        if (const CookiePtr it = weak.lock())
            look_at_waiters(*it);
    });
}

void Model::look_at_waiters(Cookie& cookie) {
    const Lock lock(mutex_);
    cookie.wait_timer = false;
    if (cookie.waiters.empty())
        return;
    const std::chrono::nanoseconds at = cookie.waiters.front().since + long_wait;
    if (at <= options_.clock.monotonic())
        options_.log.warning("an operation on a cookie in volume " + cookie.volume->key +
                             " has been waiting for 20 s");
    else
        arm_wait_timer(cookie, at);
}

bool Model::begin_access(Cookie& cookie) {
    if (!cookie.flags.test(CookieFlag::is_caching) || !cookie.volume->cache->live())
        return false;
    ++cookie.accesses;
    return true;
}

void Model::end_access(Cookie& cookie) {
    if (--cookie.accesses == 0 && !cookie.flags.test(CookieFlag::no_access_wake))
        queue(cookie);
}

std::shared_ptr<BackendFile> Model::file(const OperationPtr& operation) const {
    const Lock lock(mutex_);
    return operation->file;
}

bool Model::current(const OperationPtr& operation) const {
    const Lock lock(mutex_);
    return operation->invalidations == operation->cookie->invalidations;
}

void Model::note_read(const OperationPtr& /*operation*/) {
    const Lock lock(mutex_);
    ++counters_.reads;
}

void Model::note_write(const OperationPtr& operation, bool succeeded) {
    const Lock lock(mutex_);
    ++counters_.writes;
    if (succeeded && operation->invalidations == operation->cookie->invalidations)
        operation->cookie->flags.set(CookieFlag::have_data);
}

void Model::answer(Answer done, bool value) {
    options_.executor.submit([done = std::move(done), value]() mutable { done(value); });
}

} // namespace cachefiles::cache
