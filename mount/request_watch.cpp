// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/request_watch.hpp"

#include "mount/request.hpp"

#include <cerrno>
#include <utility>

namespace cachefiles::mount {

RequestWatch::RequestWatch(Duration time_out, Statistics& statistics)
    : time_out_(time_out), statistics_(statistics), thread_([this] { run(); }) {}

RequestWatch::~RequestWatch() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

std::uint64_t RequestWatch::add(Request& request, bool may_wait) {
    const Time due = may_wait || time_out_ == Duration::zero()
                         ? Time::max()
                         : std::chrono::steady_clock::now() + time_out_;
    const std::lock_guard lock(mutex_);
    requests_.emplace_hint(requests_.end(), ++last_, Entry{&request, due});
    return last_;
}

void RequestWatch::remove(std::uint64_t number, bool was_stuck) {
    if (was_stuck)
        stuck_.fetch_sub(1, std::memory_order_relaxed);
    const std::lock_guard lock(mutex_);
    requests_.erase(number);
}

void RequestWatch::interrupt(std::uint64_t number) {
    {
        const std::lock_guard lock(mutex_);
        interrupted_.push_back(number);
    }
    wake_.notify_one();
}

/// Under the lock: its thread cannot end it meanwhile.
void RequestWatch::answer(Request& request, int error) {
    if (!request.claim())
        return;
    stuck_.fetch_add(1, std::memory_order_relaxed);
    request.taken_ = true;
    if (error == ETIMEDOUT)
        count(statistics_.time_outs);
    fuse_reply_err(request.request_, error);
}

/// Looks at the oldest once a second at most: time-outs are longer than that, and requests shorter.
void RequestWatch::run() {
    constexpr std::chrono::seconds turn{1};
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        for (const std::uint64_t number : std::exchange(interrupted_, {})) {
            if (const auto found = requests_.find(number); found != requests_.end())
                answer(*found->second.request, EINTR);
        }
        const Time now = std::chrono::steady_clock::now();
        for (const auto& [number, entry] : requests_) {
            if (entry.due == Time::max())
                continue;
            if (entry.due > now)
                break;
            answer(*entry.request, ETIMEDOUT);
        }
        wake_.wait_for(lock, turn, [this] { return stopping_ || !interrupted_.empty(); });
    }
}

} // namespace cachefiles::mount
