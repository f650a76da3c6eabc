// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <functional>

namespace cachefiles::cache {

/// Runs what the model must not do under its lock: calls of the backend, and continuations. Jobs
/// may run at once and in any order; the model relies on neither. Any thread.
class Executor {
public:
    using Job = std::move_only_function<void()>;

    virtual ~Executor() = default;

    /// Never runs the job itself: it is called under the model's lock. Every job is run in the end.
    virtual void submit(Job job) = 0;
    /// Not before Clock::monotonic() has reached `at`. Those that are not due yet may be dropped
    /// when the executor ends.
    virtual void submit_at(std::chrono::nanoseconds at, Job job) = 0;
};

} // namespace cachefiles::cache
