// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <atomic>
#include <cstdint>

namespace cachefiles::daemon {

/// How a worker thread shows that it is alive. The worker counts steps while it works, and says
/// when it waits for work; the watchdog is fed only while every worker does one or the other.
class Progress final {
public:
    /// The worker did something.
    void step() { steps_.fetch_add(1, std::memory_order_relaxed); }

    /// The worker waits (for work, or for the kernel where that may take for ever) in this scope.
    class Waiting final {
    public:
        explicit Waiting(Progress& progress) : progress_(progress) { progress_.waiting_ = true; }
        ~Waiting() {
            progress_.waiting_ = false;
            progress_.step();
        }
        Waiting(const Waiting&) = delete;
        Waiting& operator=(const Waiting&) = delete;

    private:
        Progress& progress_;
    };

    /// Asked from the main loop, at intervals: did anything happen since the last call?
    [[nodiscard]] bool moved() {
        const std::uint64_t now = steps_.load(std::memory_order_relaxed);
        const bool moved = waiting_ || now != seen_;
        seen_ = now;
        return moved;
    }

private:
    std::atomic<std::uint64_t> steps_{0};
    std::atomic<bool> waiting_{false};
    std::uint64_t seen_ = UINT64_MAX;
};

} // namespace cachefiles::daemon
