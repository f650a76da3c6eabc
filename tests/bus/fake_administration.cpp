// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bus/fake_administration.hpp"

#include "tests/bus/fake_data.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <new>
#include <stdexcept>

namespace cachefiles::tests {

using namespace daemon::admin;

namespace {

constexpr unsigned steps = 10;
constexpr std::chrono::milliseconds step_time{20};
constexpr std::size_t most_jobs = 16;

Refusal refuse(Refusal::Kind kind, std::string text) {
    return {kind, std::move(text)};
}

} // namespace

FakeAdministration::FakeAdministration(bool manual)
    : manual_(manual), objects_(fake_objects()),
      report_(std::make_shared<const CacheReport>(fake_report())),
      thread_([this](const std::stop_token& stop) { serve(stop); }) {}

FakeAdministration::~FakeAdministration() {
    thread_.request_stop();
    wake_.notify_all();
    thread_.join();
}

// --- its thread ---

void FakeAdministration::serve(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        std::function<void()> next;
        {
            std::unique_lock lock(mutex_);
            const auto ready = [this] {
                return !blocked_ && !waiting_.empty();
            };
            wake_.wait_for(lock, stop, step_time, ready);
            if (ready()) {
                next = std::move(waiting_.front());
                waiting_.pop_front();
            }
        }
        if (next)
            next();
        work();
    }
}

void FakeAdministration::work() {
    const std::lock_guard lock(mutex_);
    if (manual_)
        return;
    const auto job = std::ranges::find_if(jobs_, [](const Job& each) {
        return each.report.state == JobState::waiting || each.report.state == JobState::running;
    });
    if (job != jobs_.end())
        step(*job);
}

void FakeAdministration::later(std::function<void()> what) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(what));
    wake_.notify_all();
}

// --- what there is ---

std::shared_ptr<const CacheReport> FakeAdministration::report() const {
    const std::lock_guard lock(mutex_);
    return report_;
}

std::string FakeAdministration::metrics() const {
    trap();
    const std::shared_ptr<const CacheReport> now = report();
    return fmt::format("# TYPE cachefiles_objects gauge\ncachefiles_objects {}\n"
                       "# TYPE cachefiles_bytes gauge\ncachefiles_bytes {}\n",
                       now->totals.objects, now->totals.bytes);
}

void FakeAdministration::change(const std::function<void(CacheReport&)>& how) {
    {
        const std::lock_guard lock(mutex_);
        auto next = std::make_shared<CacheReport>(*report_);
        how(*next);
        report_ = std::move(next);
    }
    notify();
}

void FakeAdministration::tell(Event event) {
    {
        const std::lock_guard lock(mutex_);
        events_.push_back(std::move(event));
    }
    notify();
}

void FakeAdministration::notify() {
    const std::lock_guard lock(mutex_);
    if (happened_)
        happened_();
}

void FakeAdministration::trap() const {
    const std::lock_guard lock(mutex_);
    const std::string ordered = std::exchange(trap_, {});
    if (ordered == "bad_alloc")
        throw std::bad_alloc();
    if (ordered == "logic_error")
        throw std::logic_error("ordered by the test");
    if (ordered == "number")
        throw 42; // NOLINT(hicpp-exception-baseclass): what nobody catches
}

std::expected<void, std::string> FakeAdministration::reload() {
    trap();
    const std::lock_guard lock(mutex_);
    if (!reload_error_.empty())
        return std::unexpected(reload_error_);
    return {};
}

void FakeAdministration::listen(std::function<void()> happened) {
    const std::lock_guard lock(mutex_);
    happened_ = std::move(happened);
}

std::vector<Event> FakeAdministration::events() {
    const std::lock_guard lock(mutex_);
    return std::exchange(events_, {});
}

// --- jobs ---

std::optional<Refusal>
FakeAdministration::refusal_for(const std::optional<std::string>& volume) const {
    const std::lock_guard lock(mutex_);
    if (report_->state != CacheState::online)
        return refuse(Refusal::Kind::not_online, "the cache is not online");
    if (volume &&
        std::ranges::find(report_->volumes, *volume, &VolumeReport::key) == report_->volumes.end())
        return refuse(Refusal::Kind::no_such_volume, "there is no volume \"" + *volume + "\"");
    return std::nullopt;
}

FakeAdministration::Result<JobId>
FakeAdministration::add_job(JobKind kind, const std::optional<std::string>& volume, bool dry_run,
                            Fd output) {
    const std::lock_guard lock(mutex_);
    if (const std::optional<Refusal> refusal = refusal_for(volume))
        return std::unexpected(*refusal);
    if (jobs_.size() >= most_jobs)
        return std::unexpected(refuse(Refusal::Kind::busy, "too many jobs"));
    Job job;
    job.report.id = next_job_++;
    job.report.kind = kind;
    job.report.message = dry_run ? "dry run" : "";
    job.output = std::move(output);
    job.volume = volume;
    const JobId id = job.report.id;
    jobs_.push_back(std::move(job));
    notify();
    return id;
}

void FakeAdministration::cull(CullRequest request, Answer<JobId> answer) {
    trap();
    later([this, request = std::move(request), answer = std::move(answer)] {
        if (!request.bytes && !request.objects && !request.older_than)
            answer(std::unexpected(refuse(Refusal::Kind::invalid, "nothing to cull was named")));
        else
            answer(add_job(JobKind::cull, request.volume, request.dry_run, {}));
    });
}

void FakeAdministration::purge(PurgeRequest request, Answer<JobId> answer) {
    trap();
    later([this, request = std::move(request), answer = std::move(answer)] {
        answer(add_job(JobKind::purge, request.volume, request.dry_run, {}));
    });
}

FakeAdministration::Result<JobId> FakeAdministration::verify() {
    trap();
    return add_job(JobKind::verify, {}, false, {});
}

void FakeAdministration::dump(std::optional<std::string> volume, Fd output, Answer<JobId> answer) {
    trap();
    auto shared = std::make_shared<Fd>(std::move(output));
    later([this, volume = std::move(volume), shared, answer = std::move(answer)] {
        answer(add_job(JobKind::dump, volume, false, std::move(*shared)));
    });
}

void FakeAdministration::write_dump(Job& job) {
    std::string text;
    for (const ObjectReport& object : objects_) {
        if (!job.volume || *job.volume == object.volume)
            text += fmt::format("{{\"number\":{},\"size\":{}}}\n", object.object.id.value(),
                                object.object.attributes.bytes);
    }
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t written = ::write(job.output.get(), text.data() + done, text.size() - done);
        if (written <= 0)
            break;
        done += static_cast<std::size_t>(written);
    }
    job.output.reset();
}

void FakeAdministration::step(Job& job) {
    job.report.state = JobState::running;
    job.report.progress += 10'000 / steps;
    job.report.objects += 10;
    job.report.bytes += 10 << 20;
    if (job.report.progress < 10'000) {
        tell({.kind = Event::Kind::job_changed, .text = {}, .job = job.report.id});
        return;
    }
    job.report.busy = 3;
    if (job.report.kind == JobKind::verify)
        job.report.findings = {"an object of volume 2 has the wrong size", "a name \xff is odd"};
    if (job.report.kind == JobKind::dump)
        write_dump(job);
    end(job, JobState::done, job.report.message);
}

void FakeAdministration::end(Job& job, JobState state, const std::string& message) {
    job.report.state = state;
    job.report.message = message;
    job.output.reset();
    tell({.kind = Event::Kind::job_removed, .text = {}, .job = job.report.id});
}

FakeAdministration::Job* FakeAdministration::find(JobId id) {
    const auto found =
        std::ranges::find_if(jobs_, [&](const Job& job) { return job.report.id == id; });
    return found == jobs_.end() ? nullptr : &*found;
}

std::vector<JobReport> FakeAdministration::jobs() const {
    const std::lock_guard lock(mutex_);
    std::vector<JobReport> all;
    for (const Job& job : jobs_)
        all.push_back(job.report);
    return all;
}

FakeAdministration::Result<void> FakeAdministration::cancel(JobId id) {
    trap();
    const std::lock_guard lock(mutex_);
    Job* job = find(id);
    if (job == nullptr)
        return std::unexpected(refuse(Refusal::Kind::no_such_job, "there is no such job"));
    if (job->report.state == JobState::waiting || job->report.state == JobState::running)
        end(*job, JobState::canceled, "");
    return {};
}

// --- changes ---

void FakeAdministration::pause(bool paused, Answer<void> answer) {
    trap();
    later([this, paused, answer = std::move(answer)] {
        change([&](CacheReport& report) { report.paused = paused; });
        answer({});
    });
}

void FakeAdministration::set_limits(LimitChange wanted, Answer<void> answer) {
    trap();
    later([this, wanted, answer = std::move(answer)] {
        if (wanted.persistent && wanted.max_files == 13) {
            answer(std::unexpected(refuse(Refusal::Kind::failed, "cannot write the drop-in")));
            return;
        }
        change([&](CacheReport& report) {
            const auto set = [](auto& limit, const auto& value) {
                if (value)
                    limit = *value == 0 ? std::nullopt : value;
            };
            set(report.limits.max_size, wanted.max_size);
            set(report.limits.max_files, wanted.max_files);
            set(report.limits.min_free, wanted.min_free);
            set(report.limits.max_age, wanted.max_age);
            report.limits.min_age = wanted.min_age.value_or(report.limits.min_age);
        });
        answer({});
    });
}

void FakeAdministration::pin(index::VolumeId volume, bool pinned, Answer<void> answer) {
    trap();
    later([this, volume, pinned, answer = std::move(answer)] {
        bool found = false;
        change([&](CacheReport& report) {
            for (VolumeReport& each : report.volumes) {
                if (each.id != volume)
                    continue;
                each.pinned = pinned || each.pinned_by_configuration;
                found = true;
            }
        });
        if (found)
            answer({});
        else
            answer(std::unexpected(refuse(Refusal::Kind::no_such_volume, "it is gone")));
    });
}

void FakeAdministration::look_anew(Answer<void> answer) {
    later([answer = std::move(answer)] { answer({}); });
}

// --- questions ---

void FakeAdministration::list(ObjectQuery query, Answer<ObjectPage> answer) {
    trap();
    later([this, query = std::move(query), answer = std::move(answer)] {
        if (const std::optional<Refusal> refusal = refusal_for(query.volume)) {
            answer(std::unexpected(*refusal));
            return;
        }
        ObjectPage page;
        std::size_t at = query.cursor.empty() ? 0 : std::stoul(query.cursor);
        for (; at < objects_.size() && page.objects.size() < query.limit; ++at) {
            if (!query.volume || objects_[at].volume == *query.volume)
                page.objects.push_back(objects_[at]);
        }
        if (at < objects_.size())
            page.next = std::to_string(at);
        answer(std::move(page));
    });
}

void FakeAdministration::show(std::string volume, std::string name, Answer<ObjectReport> answer) {
    trap();
    later([this, volume = std::move(volume), name = std::move(name), answer = std::move(answer)] {
        for (const ObjectReport& object : objects_) {
            const bool is_it = volume.empty()
                                   ? name == fmt::format("#{}", object.object.id.value())
                                   : volume == object.volume && name == object.object.name;
            if (!is_it)
                continue;
            answer(with_content(object));
            return;
        }
        answer(std::unexpected(refuse(Refusal::Kind::no_such_object, "there is no such object")));
    });
}

ObjectReport FakeAdministration::with_content(ObjectReport object) const {
    const std::lock_guard lock(mutex_);
    if (const auto ordered = contents_.find(object.object.name); ordered != contents_.end())
        object.content = ordered->second;
    return object;
}

void FakeAdministration::ages(std::vector<Seconds> bounds, Answer<std::vector<Age>> answer) {
    trap();
    later([this, bounds = std::move(bounds), answer = std::move(answer)] {
        std::vector<Age> result(bounds.size() + 1);
        for (const ObjectReport& object : objects_) {
            const Seconds age = fake_now - object.object.attributes.last_use;
            const auto bound = std::ranges::lower_bound(bounds, age);
            Age& sum = result[static_cast<std::size_t>(bound - bounds.begin())];
            ++sum.objects;
            sum.bytes += object.object.attributes.bytes;
        }
        answer(std::move(result));
    });
}

} // namespace cachefiles::tests
