// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "mount/fuse.hpp"
#include "mount/statistics.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace cachefiles::mount {

class Request;

/// Answers requests whose thread is stuck in the source: ETIMEDOUT after a time, EINTR when the
/// kernel wants it back because the process that waits was sent a signal. A thread that is stuck
/// stays so until the source answers; when too many are, is_stuck() says that no more should ask.
class RequestWatch final {
public:
    using Duration = std::chrono::steady_clock::duration;

    /// 0: nothing times out.
    RequestWatch(Duration time_out, Statistics& statistics);
    ~RequestWatch();
    RequestWatch(const RequestWatch&) = delete;
    RequestWatch& operator=(const RequestWatch&) = delete;

    /// Each request has a thread as long as it waits for the source, and only one that has is
    /// watched: as many as processes may wait at the same time.
    static constexpr std::size_t most_threads = 4096;
    /// Of those that have been answered for. A source that does not answer so many is not asked.
    static constexpr std::size_t most_stuck = 128;
    [[nodiscard]] bool is_stuck() const {
        return stuck_.load(std::memory_order_relaxed) >= most_stuck;
    }

    // For Request.
    [[nodiscard]] std::uint64_t add(Request& request, bool may_wait);
    void remove(std::uint64_t number, bool was_stuck);
    void interrupt(std::uint64_t number);

private:
    using Time = std::chrono::steady_clock::time_point;
    struct Entry {
        Request* request = nullptr;
        Time due;
    };

    void run();
    void answer(Request& request, int error);

    const Duration time_out_;
    Statistics& statistics_;
    std::atomic<std::size_t> stuck_{0};

    std::mutex mutex_;
    std::condition_variable wake_;
    std::map<std::uint64_t, Entry> requests_; ///< but for those that may wait, as they are due
    std::vector<std::uint64_t> interrupted_;
    std::uint64_t last_ = 0;
    bool stopping_ = false;
    std::thread thread_;
};

/// Of the mount that a request is of (file_system.cpp).
[[nodiscard]] RequestWatch& watch_of(fuse_req_t request);

} // namespace cachefiles::mount
