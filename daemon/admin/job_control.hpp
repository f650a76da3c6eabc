// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/admin/job.hpp"
#include "daemon/worker.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace cachefiles::daemon::admin {

/// What a job is given while it runs: whether to go on, and where to say how far it is. Belongs to
/// the jobs' thread, but for wake() and go_on().
class JobControl {
public:
    struct Progress {
        unsigned permyriad = 0;
        std::uint64_t objects = 0, bytes = 0, busy = 0;
    };

    virtual ~JobControl() = default;

    /// False: it is canceled, or the daemon is about to end. From any thread.
    [[nodiscard]] virtual bool go_on() = 0;
    virtual void note(const Progress& progress) = 0;
    /// Until wake(), until go_on() becomes false, or so long.
    virtual void wait(std::chrono::milliseconds at_most) = 0;
    /// From any thread.
    virtual void wake() = 0;
    /// Others wait for this one to end.
    [[nodiscard]] virtual bool holds_up_others() = 0;
};

/// How a job ended.
struct JobEnd {
    JobState state = JobState::done;
    std::string message = {}; ///< of a failure
    std::vector<std::string> findings = {};
};

/// What a job does: in the jobs' thread, to its end. What it throws is a failure.
using JobWork = std::function<JobEnd(JobControl&)>;

} // namespace cachefiles::daemon::admin
