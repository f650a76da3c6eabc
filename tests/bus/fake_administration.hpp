// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/admin/administration.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace cachefiles::tests {

/// An administration without a cache: fixed data (fake_data.hpp), changed only by what is asked of
/// it and by command(). Any thread.
class FakeAdministration final : public daemon::admin::Administration {
public:
    using JobId = daemon::admin::JobId;
    using JobReport = daemon::admin::JobReport;
    using Refusal = daemon::admin::Refusal;
    template<typename T>
    using Result = std::expected<T, Refusal>;

    /// `manual`: jobs go on only by command(); otherwise each makes ten steps and ends.
    explicit FakeAdministration(bool manual);
    ~FakeAdministration() override;

    /// One line of tests/bus/README.md. False: it is none.
    [[nodiscard]] bool command(const std::string& line);
    /// What Parts::reload gives.
    [[nodiscard]] std::expected<void, std::string> reload();

    [[nodiscard]] std::shared_ptr<const daemon::admin::CacheReport> report() const override;
    [[nodiscard]] std::string metrics() const override;
    void cull(daemon::admin::CullRequest request, Answer<JobId> answer) override;
    void purge(daemon::admin::PurgeRequest request, Answer<JobId> answer) override;
    [[nodiscard]] Result<JobId> verify() override;
    void dump(std::optional<std::string> volume, Fd output, Answer<JobId> answer) override;
    [[nodiscard]] std::vector<JobReport> jobs() const override;
    [[nodiscard]] Result<void> cancel(JobId job) override;
    void pause(bool paused, Answer<void> answer) override;
    void set_limits(daemon::admin::LimitChange change, Answer<void> answer) override;
    void pin(index::VolumeId volume, bool pinned, Answer<void> answer) override;
    void look_anew(Answer<void> answer) override;
    void list(daemon::admin::ObjectQuery query, Answer<daemon::admin::ObjectPage> answer) override;
    void show(std::string volume, std::string name,
              Answer<daemon::admin::ObjectReport> answer) override;
    void ages(std::vector<Seconds> bounds, Answer<std::vector<daemon::admin::Age>> answer) override;
    void listen(std::function<void()> happened) override;
    [[nodiscard]] std::vector<daemon::admin::Event> events() override;

private:
    struct Job {
        JobReport report;
        Fd output;
        std::optional<std::string> volume;
    };

    void serve(const std::stop_token& stop);
    void work();
    /// In the administration's own thread.
    void later(std::function<void()> what);
    void change(const std::function<void(daemon::admin::CacheReport&)>& how);
    void tell(daemon::admin::Event event);
    void notify();
    /// The exception that was ordered.
    void trap() const;

    [[nodiscard]] std::optional<Refusal>
    refusal_for(const std::optional<std::string>& volume) const;
    [[nodiscard]] Result<JobId> add_job(daemon::admin::JobKind kind,
                                        const std::optional<std::string>& volume, bool dry_run,
                                        Fd output);
    [[nodiscard]] daemon::admin::ObjectReport
    with_content(daemon::admin::ObjectReport object) const;
    void write_dump(Job& job);
    void step(Job& job);
    void end(Job& job, daemon::admin::JobState state, const std::string& message);
    [[nodiscard]] Job* find(JobId id);

    bool command_job(const std::string& verb, std::istream& words);
    bool command_cache(const std::string& verb, std::istream& words);
    bool command_content(const std::string& verb, std::istream& words);
    bool command_volume(const std::string& verb, std::istream& words);

    const bool manual_;
    const std::vector<daemon::admin::ObjectReport> objects_;
    mutable std::recursive_mutex mutex_;
    std::condition_variable_any wake_;
    std::shared_ptr<const daemon::admin::CacheReport> report_;
    std::deque<Job> jobs_;
    JobId next_job_ = 1;
    std::vector<daemon::admin::Event> events_;
    std::function<void()> happened_;
    std::deque<std::function<void()>> waiting_;
    bool blocked_ = false;
    std::string reload_error_;
    std::map<std::string, std::optional<std::string>> contents_; ///< by name, where it was ordered
    mutable std::string trap_;
    std::jthread thread_;
};

} // namespace cachefiles::tests
