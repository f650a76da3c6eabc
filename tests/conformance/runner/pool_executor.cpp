// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/conformance/runner/pool_executor.hpp"

#include <utility>

namespace cachefiles::conformance {

namespace {
constexpr std::size_t thread_count = 4;
}

PoolExecutor::PoolExecutor(ManualClock& clock) : clock_(clock) {
    for (std::size_t i = 0; i < thread_count; ++i)
        threads_.emplace_back([this] { work(); });
}

PoolExecutor::~PoolExecutor() {
    settle();
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    change_.notify_all();
    threads_.clear();
}

void PoolExecutor::submit(Job job) {
    {
        const std::lock_guard lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    change_.notify_all();
}

void PoolExecutor::submit_at(std::chrono::nanoseconds at, Job job) {
    const std::lock_guard lock(mutex_);
    timers_.emplace(at, std::move(job));
}

void PoolExecutor::settle() {
    std::unique_lock lock(mutex_);
    change_.wait(lock, [this] { return jobs_.empty() && running_ == 0; });
}

void PoolExecutor::advance(std::chrono::nanoseconds by) {
    {
        const std::lock_guard lock(mutex_);
        clock_.advance(by);
        while (!timers_.empty() && timers_.begin()->first <= clock_.monotonic()) {
            jobs_.push_back(std::move(timers_.begin()->second));
            timers_.erase(timers_.begin());
        }
    }
    change_.notify_all();
}

void PoolExecutor::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        change_.wait(lock, [this] { return !jobs_.empty() || stopping_; });
        if (jobs_.empty())
            return;
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        ++running_;
        lock.unlock();
        job();
        job = nullptr;
        lock.lock();
        --running_;
        change_.notify_all();
    }
}

} // namespace cachefiles::conformance
