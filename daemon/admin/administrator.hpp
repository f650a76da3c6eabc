// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/admin/desk.hpp"
#include "daemon/admin/job_queue.hpp"
#include "daemon/admin/object_reports.hpp"
#include "daemon/admin/parts.hpp"
#include "daemon/admin/report_builder.hpp"

#include <atomic>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace cachefiles::daemon::admin {

/// The administration of one cache, over whatever backend it has.
class Administrator final : public Administration {
public:
    /// Makes the first report, so the index must be there. The threads run from start() to stop().
    explicit Administrator(Parts parts);
    ~Administrator() override;
    Administrator(const Administrator&) = delete;
    Administrator& operator=(const Administrator&) = delete;

    void start();
    /// Nothing new is begun, and what is under way ends soon. Does not wait.
    void ask_to_stop();
    /// The same, and waits. Afterwards nothing of the backend is used any more.
    void stop();
    /// Did every thread do something, or wait for work, since the last call? Main thread.
    [[nodiscard]] bool making_progress();

    [[nodiscard]] std::shared_ptr<const CacheReport> report() const override;
    [[nodiscard]] std::string metrics() const override;

    void cull(CullRequest request, Answer<JobId> answer) override;
    void purge(PurgeRequest request, Answer<JobId> answer) override;
    [[nodiscard]] std::expected<JobId, Refusal> verify() override;
    void dump(std::optional<std::string> volume, Fd output, Answer<JobId> answer) override;
    [[nodiscard]] std::vector<JobReport> jobs() const override;
    [[nodiscard]] std::expected<void, Refusal> cancel(JobId job) override;

    void pause(bool paused, Answer<void> answer) override;
    void set_limits(LimitChange change, Answer<void> answer) override;
    void pin(index::VolumeId volume, bool pinned, Answer<void> answer) override;
    void look_anew(Answer<void> answer) override;

    void list(ObjectQuery query, Answer<ObjectPage> answer) override;
    void show(std::string volume, std::string name, Answer<ObjectReport> answer) override;
    void ages(std::vector<Seconds> bounds, Answer<std::vector<Age>> answer) override;

    void listen(std::function<void()> happened) override;
    [[nodiscard]] std::vector<Event> events() override;

private:
    void look();
    /// `find` is called once, in the desk's thread.
    template<typename T>
    void ask(const Answer<T>& answer, std::function<std::expected<T, Refusal>()> find);
    /// `make` likewise.
    void make_change(const Answer<void>& answer,
                     std::function<std::expected<void, Refusal>()> make);
    [[nodiscard]] std::expected<RemovalOrder::What, Refusal> understand(const CullRequest& request);
    [[nodiscard]] std::expected<JobId, Refusal> begin(const CullRequest& request);
    [[nodiscard]] std::expected<JobId, Refusal> begin(const PurgeRequest& request);
    [[nodiscard]] std::optional<Refusal> offline() const;
    [[nodiscard]] std::expected<index::Volume, Refusal> volume(const std::string& key) const;
    [[nodiscard]] bool pinned(const index::Volume& volume) const;
    [[nodiscard]] std::expected<void, Refusal> change(const LimitChange& change);
    [[nodiscard]] std::expected<void, Refusal> change_pin(index::VolumeId volume, bool pinned);

    const Parts parts_;
    ReportBuilder builder_; ///< the desk's thread's, as the next one
    ObjectReports objects_;
    std::atomic<bool> stopping_{false};

    mutable std::mutex mutex_; ///< guards what follows
    std::shared_ptr<const CacheReport> report_;

    JobQueue jobs_;
    Desk desk_; // last: its thread uses all of this
};

} // namespace cachefiles::daemon::admin
