// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "daemon/admin/administration.hpp"
#include "daemon/admin/event_queue.hpp"
#include "daemon/admin/job_control.hpp"
#include "daemon/worker.hpp"

#include <chrono>
#include <deque>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace cachefiles::daemon::admin {

/// Jobs, one after another, in a thread of their own. Those that ended are known for a while.
class JobQueue final {
public:
    static constexpr std::size_t most_waiting = 16;
    static constexpr std::chrono::seconds kept{60};

    JobQueue(const Clock& clock, Log& log, EventQueue& events);
    ~JobQueue() { stop(); }
    JobQueue(const JobQueue&) = delete;
    JobQueue& operator=(const JobQueue&) = delete;

    void start();
    /// Nothing is taken any more; what is there is canceled. The thread stays. Does not wait.
    void ask_to_stop();
    /// The same, and waits.
    void stop();

    // --- from any thread ---
    [[nodiscard]] std::expected<JobId, Refusal> add(JobKind kind, JobWork work);
    [[nodiscard]] std::vector<JobReport> jobs() const;
    /// Of one that has ended it does nothing.
    [[nodiscard]] std::expected<void, Refusal> cancel(JobId id);
    /// Forgets those whose time is over. True if there were any.
    bool expire();
    [[nodiscard]] Progress& progress() { return worker_.progress(); }

private:
    struct Job;
    class Control;
    using JobPtr = std::shared_ptr<Job>;

    void turn();
    void wait();
    [[nodiscard]] JobPtr begin_next();
    void cancel(Job& job);
    void end(Job& job, JobEnd end);
    void tell(Event::Kind kind, JobId id);

    const Clock& clock_;
    EventQueue& events_;

    mutable std::mutex mutex_; ///< guards what follows, and the jobs' reports
    std::deque<JobPtr> jobs_;  ///< by id
    JobId last_ = 0;
    bool closed_ = false;

    Worker worker_; // last: its thread uses all of this
};

} // namespace cachefiles::daemon::admin
