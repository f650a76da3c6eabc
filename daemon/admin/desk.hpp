// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "daemon/admin/administration.hpp"
#include "daemon/worker.hpp"

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

namespace cachefiles::daemon::admin {

/// The administration's thread: looks at everything once a second, and answers questions between
/// two looks, one after another, a step at a time, so that no question keeps a look waiting.
class Desk final {
public:
    static constexpr std::chrono::seconds interval{1};

    struct Question {
        std::function<bool()> step; ///< false: it is answered
        std::function<void(const Refusal&)> refuse;
    };

    /// `look` is called in the thread.
    Desk(const Clock& clock, Log& log, std::function<void()> look);
    ~Desk() { stop(); }
    Desk(const Desk&) = delete;
    Desk& operator=(const Desk&) = delete;

    void start();
    /// Waits. What is not answered, and what is asked later, is refused.
    void stop();

    // --- from any thread ---
    void ask(Question question);
    /// Something has changed that the next look should not wait for. `looked`, which may be empty,
    /// is called once, in the thread, after a look that began after this, whatever came of it; if
    /// there is none any more, at once or by stop().
    void hurry(std::function<void()> looked = {});
    [[nodiscard]] Progress& progress() { return worker_.progress(); }

private:
    void turn();
    void wait();
    [[nodiscard]] bool due() const;
    void look();
    [[nodiscard]] std::optional<Question> take();
    void put_back(Question question);
    void step(Question question);

    const Clock& clock_;
    std::function<void()> look_;
    std::optional<std::chrono::nanoseconds> looked_at_;
    std::atomic<bool> hurry_{false};

    std::mutex mutex_; ///< guards what follows
    std::deque<Question> questions_;
    std::vector<std::function<void()>> looked_; ///< to be called after the next look
    bool closed_ = false;

    Worker worker_; // last: its thread uses all of this
};

} // namespace cachefiles::daemon::admin
