// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.hpp"
#include "daemon/progress.hpp"
#include "daemon/wake.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace cachefiles::daemon {

/// A thread that works in turns until it is stopped. What a turn throws is logged when that begins,
/// and not at every turn that it lasts. Shows the watchdog that it lives.
class Worker final {
public:
    /// All of it in the thread.
    struct Work {
        std::function<void()> begin = {}; ///< may be empty; must not throw
        std::function<void()> turn;
        std::function<void()> wait;     ///< between turns: calls wait() below
        std::function<void()> end = {}; ///< may be empty; after the last turn
    };

    /// `activity` is what its messages begin with, such as "culling".
    Worker(Log& log, std::string activity) : log_(log), activity_(std::move(activity)) {}
    ~Worker() { stop(); }
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void start(Work work);
    /// After the turn under way there are no more. Does not wait.
    void ask_to_stop();
    /// The same, and waits. False: it was not running.
    bool stop();

    // --- from any thread ---
    void wake() { wake_.wake(); }
    [[nodiscard]] bool stopping() const { return stopping_; }
    [[nodiscard]] Progress& progress() { return progress_; }

    // --- from within a turn ---
    /// Long turns ask it now and then. False: they should come to an end.
    [[nodiscard]] bool go_on();

    /// For Work::wait: until wake(), the descriptor (-1: none) or the time.
    Wake::Woken wait(int descriptor, std::optional<std::chrono::nanoseconds> at_most);

private:
    void run();
    void attempt(const std::function<void()>& work);

    Log& log_;
    const std::string activity_;
    Work work_;
    Wake wake_;
    Progress progress_;
    std::atomic<bool> stopping_{false};
    bool trouble_ = false; ///< a failure has been logged, and is not over
    std::thread thread_;
};

} // namespace cachefiles::daemon
