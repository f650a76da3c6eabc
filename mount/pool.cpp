// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/pool.hpp"

#include <utility>

namespace cachefiles::mount {

Pool::Pool(std::size_t threads) {
    threads_.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i)
        threads_.emplace_back([this] { run(); });
}

Pool::~Pool() {
    std::deque<std::function<void()>> dropped; // what it holds is let go of without the lock
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        dropped = std::exchange(queue_, {});
    }
    wake_.notify_all();
    for (std::thread& thread : threads_)
        thread.join();
}

void Pool::submit(std::function<void()> work) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_)
            return;
        queue_.push_back(std::move(work));
    }
    wake_.notify_one();
}

void Pool::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (stopping_)
            return;
        std::function<void()> work = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        work();
        work = nullptr;
        lock.lock();
    }
}

} // namespace cachefiles::mount
