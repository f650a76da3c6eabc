// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/connection.hpp"

#include <signal.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace cachefiles::client {

namespace netfs = protocol::netfs;
using Clock = std::chrono::steady_clock;

Connection::Connection(Options options)
    : options_(std::move(options)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!wake_)
        throw std::system_error(errno, std::generic_category());
}

Connection::~Connection() {
    stop();
}

int Connection::start(bool now) {
    // The program's signals are not for this thread.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        thread_ = std::thread([this] { run(); });
    } catch (...) {
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        throw;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);

    Lock lock(mutex_);
    attempted_changed_.wait(lock, [this] { return first_attempt_.has_value(); });
    started_ = true;
    return now ? -*first_attempt_ : 0;
}

void Connection::stop() {
    {
        const Lock lock(mutex_);
        stopping_ = true;
        wake();
    }
    if (thread_.joinable())
        thread_.join();
}

void Connection::close() {
    Lock lock(mutex_);
    for (const auto& [key, volume] : volumes_) {
        if (!online_)
            break;
        for (const auto& [cookie_key, cookie] : volume->cookies) {
            if (!online_ || !cookie->id)
                continue;
            const std::uint32_t id = *cookie->id;
            for (unsigned uses = cookie->uses_there; uses > 0; --uses)
                post(netfs::Unuse{id, {}, {}});
            post(netfs::RelinquishCookie{id, is_void(*cookie)});
        }
        if (online_ && volume->id)
            tell(lock, netfs::RelinquishVolume{*volume->id, {}, false});
    }
}

void Connection::set_time_out(std::chrono::milliseconds time) {
    const Lock lock(mutex_);
    options_.time_out = time;
}

bool Connection::online() {
    const Lock lock(mutex_);
    poke();
    return online_;
}

bool Connection::on_own_thread() const {
    return std::this_thread::get_id() == thread_id_.load(std::memory_order_relaxed);
}

bool Connection::usable() const {
    return link_ != nullptr && !stopping_ && (online_ || on_own_thread());
}

std::optional<Answer> Connection::call(Lock& lock, const netfs::Request& request) {
    const std::shared_ptr<Link> link = link_;
    if (link == nullptr)
        return std::nullopt;
    Call call;
    link->send(request, &call);
    const Time deadline = Clock::now() + options_.time_out;
    if (on_own_thread()) {
        try {
            while (!call.finished && !link->broken() && !stopping_ && Clock::now() < deadline)
                receive(lock, link, deadline);
        } catch (...) {
            if (!lock.owns_lock())
                lock.lock();
            link->forget(call);
            throw;
        }
    } else {
        if (link->blocked())
            wake();
        if (!link->broken())
            call.done.wait_until(lock, deadline, [&call] { return call.finished; });
    }
    if (!call.finished) {
        lose_link(link.get());
        link->forget(call); // of a link that somebody else has lost meanwhile, it has nothing
    }
    return std::move(call.answer);
}

void Connection::tell(Lock& lock, const netfs::Request& request) {
    static_cast<void>(call(lock, request));
}

void Connection::post(const netfs::Request& request) {
    if (link_ == nullptr)
        return;
    link_->send(request, nullptr);
    if (link_->broken())
        lose_link(link_.get());
    else if (link_->blocked())
        wake();
}

void Connection::lose_link(const Link* link) noexcept {
    if (link_ == nullptr || link_.get() != link)
        return;
    link_->hang_up();
    link_.reset();
    arena_.reset();
    cookies_.clear();
    ++epoch_;
    for (const auto& [key, volume] : volumes_) {
        volume->id.reset();
        volume->retry.reset();
        for (const auto& [cookie_key, cookie] : volume->cookies) {
            drop_file(*cookie);
            cookie->id.reset();
            cookie->uses_there = 0;
            cookie->modifies_there = false;
            cookie->look_up_again = false;
            cookie->shut = false;
            cookie->retry.reset();
            if (cookie->uses > 0 && cookie->modifies)
                owe_invalidation(*cookie);
        }
    }
    if (std::exchange(online_, false))
        events_.push({CACHEFILES_EVENT_OFFLINE, nullptr});
    retry_.failed(Clock::now(), options_);
    wake();
}

void Connection::drop_file(Cookie& cookie) noexcept {
    if (cookie.file == nullptr)
        return;
    cookie.current.store(nullptr, std::memory_order_seq_cst);
    sections_.retire(std::move(cookie.file));
    cookie.file = nullptr;
    wake(); // to collect it
}

/// By somebody else than the program.
void Connection::end_file(Cookie& cookie) noexcept {
    if (cookie.file == nullptr)
        return;
    drop_file(cookie);
    events_.push({CACHEFILES_EVENT_ENDED, &cookie});
}

void Connection::poke() {
    if (link_ != nullptr)
        return;
    const Time now = Clock::now();
    if (now - last_attempt_ < options_.call_retry || retry_.due(now))
        return;
    retry_.hurry();
    wake();
}

void Connection::wake() noexcept {
    eventfd_write(wake_.get(), 1);
}

} // namespace cachefiles::client
