// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/admin/job_queue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <utility>

namespace cachefiles::daemon::admin {
namespace {

using namespace std::chrono_literals;

// Progress is told no more often: each time a signal goes to everybody on the bus.
constexpr std::chrono::nanoseconds telling_interval = 500ms;

bool ended(JobState state) {
    return state != JobState::waiting && state != JobState::running;
}

} // namespace

struct JobQueue::Job {
    JobReport report;
    JobWork work;
    std::atomic<bool> canceled{false};
    std::chrono::nanoseconds ended_at{0};
};

class JobQueue::Control final : public JobControl {
public:
    Control(JobQueue& queue, Job& job) : queue_(queue), job_(job) {}

    bool go_on() override { return queue_.worker_.go_on() && !job_.canceled; }

    void note(const Progress& progress) override {
        {
            const std::lock_guard lock(queue_.mutex_);
            job_.report.progress = progress.permyriad;
            job_.report.objects = progress.objects;
            job_.report.bytes = progress.bytes;
            job_.report.busy = progress.busy;
        }
        if (progress.permyriad == told_ || queue_.clock_.monotonic() - told_at_ < telling_interval)
            return;
        told_ = progress.permyriad;
        told_at_ = queue_.clock_.monotonic();
        queue_.tell(Event::Kind::job_changed, job_.report.id);
    }

    void wait(std::chrono::milliseconds at_most) override { queue_.worker_.wait(-1, at_most); }

    void wake() override { queue_.worker_.wake(); }

    bool holds_up_others() override {
        const std::lock_guard lock(queue_.mutex_);
        return std::ranges::any_of(
            queue_.jobs_, [](const JobPtr& job) { return job->report.state == JobState::waiting; });
    }

private:
    JobQueue& queue_;
    Job& job_;
    unsigned told_ = 0;
    std::chrono::nanoseconds told_at_{0};
};

JobQueue::JobQueue(const Clock& clock, Log& log, EventQueue& events)
    : clock_(clock), events_(events), worker_(log, "jobs of the administration") {}

void JobQueue::start() {
    worker_.start({{},
                   [this] { turn(); },
                   [this] {
                       wait();
                   }});
}

void JobQueue::ask_to_stop() {
    std::deque<JobPtr> jobs;
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        jobs = jobs_;
    }
    for (const JobPtr& job : jobs)
        cancel(*job);
    worker_.wake(); // its thread waits on, for the watchdog: the withdrawal may take minutes
}

void JobQueue::stop() {
    ask_to_stop();
    worker_.stop();
}

std::expected<JobId, Refusal> JobQueue::add(JobKind kind, JobWork work) {
    JobId id = 0;
    {
        const std::lock_guard lock(mutex_);
        if (closed_)
            return std::unexpected(
                Refusal{Refusal::Kind::not_online, "the daemon is about to end"});
        const auto waiting = std::ranges::count_if(
            jobs_, [](const JobPtr& job) { return job->report.state == JobState::waiting; });
        if (static_cast<std::size_t>(waiting) >= most_waiting)
            return std::unexpected(Refusal{
                Refusal::Kind::busy,
                fmt::format("{} jobs are waiting already: wait for one to end, or cancel it",
                            waiting)});
        auto job = std::make_shared<Job>();
        job->report.id = id = ++last_;
        job->report.kind = kind;
        job->work = std::move(work);
        jobs_.push_back(std::move(job));
    }
    tell(Event::Kind::job_changed, id);
    worker_.wake();
    return id;
}

std::vector<JobReport> JobQueue::jobs() const {
    const std::chrono::nanoseconds now = clock_.monotonic();
    std::vector<JobReport> reports;
    const std::lock_guard lock(mutex_);
    for (const JobPtr& job : jobs_) {
        if (!ended(job->report.state) || now - job->ended_at < kept)
            reports.push_back(job->report);
    }
    return reports;
}

bool JobQueue::expire() {
    const std::chrono::nanoseconds now = clock_.monotonic();
    const std::lock_guard lock(mutex_);
    return std::erase_if(jobs_, [now](const JobPtr& job) {
               return ended(job->report.state) && now - job->ended_at >= kept;
           }) > 0;
}

std::expected<void, Refusal> JobQueue::cancel(JobId id) {
    JobPtr job;
    {
        const std::lock_guard lock(mutex_);
        const auto found =
            std::ranges::find_if(jobs_, [id](const JobPtr& each) { return each->report.id == id; });
        if (found == jobs_.end())
            return std::unexpected(
                Refusal{Refusal::Kind::no_such_job, fmt::format("there is no job {}", id)});
        job = *found;
    }
    cancel(*job);
    return {};
}

void JobQueue::cancel(Job& job) {
    {
        const std::lock_guard lock(mutex_);
        job.canceled = true;
        if (job.report.state != JobState::waiting) {
            worker_.wake();
            return;
        }
        job.report.state = JobState::canceled;
        job.ended_at = clock_.monotonic();
        job.work = {};
    }
    tell(Event::Kind::job_changed, job.report.id);
    tell(Event::Kind::job_removed, job.report.id);
}

void JobQueue::turn() {
    while (const JobPtr job = begin_next()) {
        tell(Event::Kind::job_changed, job->report.id);
        Control control(*this, *job);
        JobEnd result;
        try {
            result = job->work(control);
        } catch (const std::exception& error) {
            result = {JobState::failed, error.what()};
        }
        end(*job, std::move(result));
    }
}

void JobQueue::wait() {
    if (worker_.stopping()) // a job may have taken the wake that came with it
        return;
    {
        const std::lock_guard lock(mutex_);
        if (std::ranges::any_of(
                jobs_, [](const JobPtr& job) { return job->report.state == JobState::waiting; }))
            return; // its wake was taken by the job before
    }
    worker_.wait(-1, std::nullopt);
}

JobQueue::JobPtr JobQueue::begin_next() {
    const std::lock_guard lock(mutex_);
    const auto next = std::ranges::find_if(
        jobs_, [](const JobPtr& job) { return job->report.state == JobState::waiting; });
    if (next == jobs_.end() || closed_)
        return nullptr;
    (*next)->report.state = JobState::running;
    return *next;
}

void JobQueue::end(Job& job, JobEnd end) {
    {
        const std::lock_guard lock(mutex_);
        job.report.state = end.state;
        job.report.message = std::move(end.message);
        job.report.findings = std::move(end.findings);
        if (end.state == JobState::done)
            job.report.progress = 10'000;
        job.ended_at = clock_.monotonic();
        job.work = {}; // with what it holds
    }
    tell(Event::Kind::job_changed, job.report.id);
    tell(Event::Kind::job_removed, job.report.id);
}

void JobQueue::tell(Event::Kind kind, JobId id) {
    events_.add({.kind = kind, .text = {}, .job = id});
}

} // namespace cachefiles::daemon::admin
