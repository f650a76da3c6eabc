// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/thread_executor.hpp"

#include <utility>

namespace cachefiles::cache {

ThreadExecutor::ThreadExecutor(std::size_t threads) {
    threads_.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i)
        threads_.emplace_back([this] { work(); });
}

ThreadExecutor::~ThreadExecutor() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    change_.notify_all();
    for (std::thread& thread : threads_)
        thread.join();
}

void ThreadExecutor::submit(Job job) {
    {
        const std::lock_guard lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    change_.notify_one();
}

void ThreadExecutor::submit_at(std::chrono::nanoseconds at, Job job) {
    const Time when{std::chrono::duration_cast<Time::duration>(at)};
    {
        const std::lock_guard lock(mutex_);
        timers_.emplace(when, std::move(job));
    }
    change_.notify_one(); // it may be earlier than what the waiting thread waits for
}

std::size_t ThreadExecutor::waiting() const {
    const std::lock_guard lock(mutex_);
    return jobs_.size();
}

void ThreadExecutor::work() {
    std::unique_lock lock(mutex_);
    Job job;
    while (take(lock, job)) {
        lock.unlock();
        job();
        job = nullptr; // what it holds must not outlive it here
        lock.lock();
    }
}

/// Waits for a job; false: there will be none.
bool ThreadExecutor::take(std::unique_lock<std::mutex>& lock, Job& job) {
    for (;;) {
        if (!jobs_.empty()) {
            job = std::move(jobs_.front());
            jobs_.pop_front();
            return true;
        }
        const auto first = timers_.begin();
        if (first != timers_.end() && first->first <= std::chrono::steady_clock::now()) {
            job = std::move(first->second);
            timers_.erase(first);
            return true;
        }
        if (stopping_)
            return false;
        if (first == timers_.end())
            change_.wait(lock);
        else
            change_.wait_until(lock, Time(first->first));
    }
}

} // namespace cachefiles::cache
