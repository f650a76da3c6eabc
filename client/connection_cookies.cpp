// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/busy.hpp"
#include "client/connection.hpp"
#include "protocol/netfs/shared_map.hpp"

#include <cerrno>
#include <utility>
#include <variant>

namespace cachefiles::client {

namespace netfs = protocol::netfs;
using Clock = std::chrono::steady_clock;

int Connection::acquire_cookie(Volume& volume, const std::string& key, std::string aux,
                               std::uint64_t size, Cookie*& acquired) {
    Lock lock(mutex_);
    poke();
    if (volume.cookies.contains(key))
        return -EEXIST;
    const std::shared_ptr<Cookie> cookie =
        std::make_shared<Cookie>(volume, key, std::move(aux), size);
    volume.cookies.emplace(key, cookie);
    if (ensure_there(lock, volume)) {
        const int error = acquire_there(lock, *cookie);
        if (error == EINVAL || error == EEXIST) {
            volume.cookies.erase(key);
            return -error;
        }
    }
    acquired = cookie.get();
    return 0;
}

void Connection::relinquish_cookie(Cookie& cookie, bool retire) {
    Lock lock(mutex_);
    const bool there = settle(lock, cookie);
    retire = retire || is_void(cookie);
    const std::shared_ptr<Cookie> kept = cookie.volume.cookies.at(cookie.key);
    cookie.volume.cookies.erase(cookie.key);
    drop_file(cookie);
    events_.forget(&cookie);
    std::erase_if(grants_, [&](const auto& grant) { return grant.second.cookie == &cookie; });
    if (!there)
        return;
    const std::uint64_t epoch = epoch_;
    const std::uint32_t id = *cookie.id;
    cookies_.erase(id);
    // One answer is enough: the daemon takes them in their order.
    if (cookie.uses_there > 0 && cookie.direct)
        post(unuse_of(cookie, cookie.aux, cookie.size));
    else if (cookie.uses_there > 0)
        post(unuse_of(cookie, {}, {}));
    if (epoch == epoch_)
        tell(lock, netfs::RelinquishCookie{id, retire});
}

void Connection::use(Cookie& cookie, bool modify) {
    Lock lock(mutex_);
    poke();
    if (++cookie.uses == 1)
        cookie.shut = false;
    cookie.modifies = cookie.modifies || modify;
    if (ensure_there(lock, cookie) && cookie.uses > 0 &&
        (cookie.uses_there == 0 || (cookie.modifies && !cookie.modifies_there)))
        send_use(lock, cookie, *cookie.id);
    if (modify && !cookie.modifies_there) // what will be changed, the daemon does not know
        owe_invalidation(cookie);
}

int Connection::unuse(Cookie& cookie, Aux aux, Size size) {
    Lock lock(mutex_);
    if (cookie.uses == 0)
        return -EINVAL;
    note(cookie, aux, size);
    if (--cookie.uses == 0) {
        cookie.changed_untold = false; // the program says so
        if (std::exchange(cookie.direct, false)) {
            // The daemon has listened to nothing since: it gets to know now what it has missed.
            aux = cookie.aux;
            size = cookie.size;
        }
        cookie.modifies = false;
        drop_file(cookie);
    }
    if (!settle_debt(lock, cookie, aux, size))
        return 0;
    if (cookie.uses == 0 && cookie.uses_there > 0)
        send_unuse(lock, cookie, std::move(aux), size);
    else if (aux || size)
        tell(lock, netfs::Update{*cookie.id, std::move(aux), size});
    return 0;
}

void Connection::update(Cookie& cookie, Aux aux, Size size) {
    Lock lock(mutex_);
    poke();
    note(cookie, aux, size);
    if (settle_debt(lock, cookie, aux, size) && (aux || size))
        tell(lock, netfs::Update{*cookie.id, std::move(aux), size});
}

void Connection::note(Cookie& cookie, const Aux& aux, Size size) {
    if (aux) {
        cookie.aux = *aux;
        cookie.changed_untold = false;
    }
    if (size)
        cookie.size = *size;
}

/// What the daemon has of it is not what its coherency data say, and nobody is going to mend that.
bool Connection::is_void(const Cookie& cookie) {
    return cookie.owes_invalidation || (cookie.uses > 0 && cookie.changed_untold);
}

/// settle(), before coherency data are told that hold for what is there only when what is wrong
/// has been invalidated. If that cannot be, they are not told.
bool Connection::settle_debt(Lock& lock, Cookie& cookie, Aux& aux, Size& size) {
    if (!settle(lock, cookie))
        return false;
    if (!cookie.owes_invalidation)
        return true;
    pay_invalidation(lock, cookie, *cookie.id);
    if (cookie.owes_invalidation) {
        aux.reset();
        size.reset();
    }
    return settle(lock, cookie);
}

int Connection::resize(Cookie& cookie, std::uint64_t size) {
    Lock lock(mutex_);
    poke();
    if (cookie.uses == 0)
        return -EINVAL;
    begin_change(lock, cookie);
    // Takes away what is beyond the new end, or a last block that is no whole one: a new
    // generation.
    if (size < cookie.size || cookie.size % netfs::block_size != 0)
        drop_file(cookie);
    cookie.size = size;
    std::optional<Answer> answer;
    if (settle(lock, cookie))
        answer = call(lock, netfs::Resize{*cookie.id, size});
    // ENOBUFS, too: what a cache that is away has may be of this size again when it comes back.
    if (!answer || answer->error != 0)
        owe_invalidation(cookie);
    else if (cookie.file != nullptr && size > cookie.file->capacity * netfs::block_size)
        drop_file(cookie); // its map is too short; the next one is not
    return 0;
}

void Connection::invalidate(Cookie& cookie, Aux aux, std::uint64_t size, bool direct) {
    Lock lock(mutex_);
    poke();
    if (aux)
        cookie.aux = std::move(*aux);
    cookie.size = size;
    cookie.changed_untold = false;
    cookie.direct = cookie.direct || direct;
    cookie.shut = false;
    owe_invalidation(cookie);
    if (settle(lock, cookie))
        pay_invalidation(lock, cookie, *cookie.id);
}

/// Whether the daemon has the cookie, once nobody is just acquiring it.
bool Connection::settle(Lock& lock, Cookie& cookie) {
    while (cookie.acquiring)
        cookie.changed.wait(lock);
    return online_ && cookie.id;
}

bool Connection::ensure_there(Lock& lock, Cookie& cookie) {
    while (usable()) {
        if (cookie.acquiring) {
            if (on_own_thread())
                return false;
            cookie.changed.wait(lock);
            continue;
        }
        if (cookie.id)
            return true;
        // Somebody still writes to the file that an earlier daemon gave: what they write must not
        // come after what is written through this one.
        if (cookie.writes > 0 || !cookie.retry.due(Clock::now()))
            return false;
        if (!ensure_there(lock, cookie.volume))
            return false;
        if (!cookie.acquiring && !cookie.id && acquire_there(lock, cookie) != 0)
            return false;
    }
    return false;
}

/// 0, or why the daemon does not have it. It gets to know all at once, so that nobody sees a cookie
/// of which the daemon has but a part.
int Connection::acquire_there(Lock& lock, Cookie& cookie) {
    const Busy busy(cookie.acquiring, cookie.changed);
    const std::uint64_t epoch = epoch_;
    const std::optional<Answer> answer =
        call(lock, netfs::AcquireCookie{*cookie.volume.id, cookie.key, cookie.aux, cookie.size});
    if (!answer || epoch != epoch_)
        return ECONNRESET;
    const auto* reply = std::get_if<netfs::AcquireCookieReply>(&answer->body);
    if (reply == nullptr) {
        cookie.retry.failed(Clock::now(), options_);
        return answer->error != 0 ? answer->error : EPROTO;
    }
    const std::uint32_t id = reply->cookie;
    if (cookie.owes_invalidation)
        pay_invalidation(lock, cookie, id);
    if (epoch == epoch_ && cookie.uses > 0)
        send_use(lock, cookie, id);
    if (epoch != epoch_)
        return ECONNRESET;
    cookies_[id] = &cookie;
    cookie.id = id;
    cookie.retry.reset();
    return 0;
}

void Connection::send_use(Lock& lock, Cookie& cookie, std::uint32_t id) {
    const std::uint64_t epoch = epoch_;
    const bool modifies = cookie.modifies;
    const bool modified = std::exchange(cookie.modifies_there, cookie.modifies_there || modifies);
    ++cookie.uses_there;
    const std::optional<Answer> answer = call(lock, netfs::Use{id, modifies});
    if (!answer || epoch != epoch_ || answer->error == 0)
        return;
    if (cookie.uses_there > 0)
        --cookie.uses_there;
    cookie.modifies_there = modified;
    cookie.shut = true;
}

/// All of what the daemon has of uses.
void Connection::send_unuse(Lock& lock, Cookie& cookie, Aux aux, Size size) {
    tell(lock, unuse_of(cookie, std::move(aux), size));
}

/// The last of them, when the others are given back.
netfs::Unuse Connection::unuse_of(Cookie& cookie, Aux aux, Size size) {
    const std::uint32_t id = *cookie.id;
    if (cookie.touched.exchange(false, std::memory_order_relaxed))
        post(netfs::Touch{{id}});
    const unsigned uses = std::exchange(cookie.uses_there, 0);
    cookie.modifies_there = false;
    for (unsigned i = 1; i < uses; ++i)
        post(netfs::Unuse{id, {}, {}});
    return {id, std::move(aux), size};
}

void Connection::owe_invalidation(Cookie& cookie) {
    cookie.owes_invalidation = true;
    ++cookie.invalidations;
    drop_file(cookie);
}

void Connection::pay_invalidation(Lock& lock, Cookie& cookie, std::uint32_t id) {
    const std::uint64_t epoch = epoch_;
    const std::uint64_t invalidations = cookie.invalidations;
    const std::optional<Answer> answer =
        call(lock, netfs::Invalidate{id, cookie.aux, cookie.size, cookie.direct});
    // Whoever has invalidated it again meanwhile sees to that.
    if (answer && answer->error == 0 && epoch == epoch_ && invalidations == cookie.invalidations)
        cookie.owes_invalidation = false;
}

} // namespace cachefiles::client
