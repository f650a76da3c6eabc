// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/executor.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace cachefiles::cache {

/// An executor on real threads and the monotonic clock of the system. A job that blocks on the disk
/// holds up one thread.
class ThreadExecutor final : public Executor {
public:
    /// Enough that a few slow objects do not hold up the others, on a disk or on a network.
    static constexpr std::size_t default_threads = 8;

    explicit ThreadExecutor(std::size_t threads = default_threads);
    /// Runs what is due, drops what is not, and waits.
    ~ThreadExecutor() override;
    ThreadExecutor(const ThreadExecutor&) = delete;
    ThreadExecutor& operator=(const ThreadExecutor&) = delete;

    void submit(Job job) override;
    void submit_at(std::chrono::nanoseconds at, Job job) override;

    /// Jobs that wait for a thread; for status.
    [[nodiscard]] std::size_t waiting() const;

private:
    using Time = std::chrono::steady_clock::time_point;

    void work();
    [[nodiscard]] bool take(std::unique_lock<std::mutex>& lock, Job& job);

    mutable std::mutex mutex_;
    std::condition_variable change_;
    std::deque<Job> jobs_;
    std::multimap<Time, Job> timers_;
    bool stopping_ = false;
    std::vector<std::thread> threads_; // last: they use what stands above
};

} // namespace cachefiles::cache
