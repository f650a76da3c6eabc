// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "daemon/admin/job.hpp"
#include "daemon/admin/report.hpp"
#include "index/content_map.hpp"

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cachefiles::daemon::admin {

/// Why something was refused; the bus gives it a name, and people the text.
struct Refusal {
    enum class Kind {
        invalid, ///< the request makes no sense
        no_such_volume,
        no_such_object,
        no_such_job,
        busy,       ///< too many jobs
        not_online, ///< the cache is lost, or stopping
        failed,
    };
    Kind kind = Kind::failed;
    std::string text; ///< what, why, and what to do
};

struct ObjectReport {
    index::Object object;
    std::string volume; ///< its key
    std::string path;   ///< in the cache's directory, such as "cache/I.../@7f/D..."
    /// With the user backend: a bit for each block of 256 KiB that is there, the first in the
    /// lowest bit of the first byte.
    std::optional<std::string> content;
    /// In how many pieces its file lies on the disk; nothing if the file system does not tell.
    std::optional<std::uint64_t> extents;
};

struct ObjectPage {
    std::vector<ObjectReport> objects; ///< least recently used first; those in use come last
    std::string next;                  ///< where the next one begins; empty: this was the last
};

struct ObjectQuery {
    std::optional<std::string> volume = {}; ///< a key
    std::string cursor = {};                ///< empty, or ObjectPage::next
    std::size_t limit = 1000;
};

struct Age {
    std::uint64_t objects = 0;
    std::uint64_t bytes = 0;
};

/// What of the limits is changed; 0 takes a limit away, what is absent stays.
struct LimitChange {
    std::optional<std::uint64_t> max_size = {}, max_files = {}, min_free = {};
    std::optional<Seconds> max_age = {}, min_age = {};
    bool persistent = false; ///< a drop-in of the configuration keeps them
};

/// Something that happened, for those who listen.
struct Event {
    enum class Kind {
        culling_started,
        culling_finished,
        culling_stalled,
        lost,
        recovered,
        index_rebuilt,
        job_changed, ///< its state
        job_removed, ///< it ended
    };
    Kind kind = Kind::culling_started;
    cull::Reason reason = cull::Reason::none; ///< of culling_*
    std::uint64_t objects = 0, bytes = 0;     ///< of culling_finished
    std::string text = {};                    ///< of lost: why
    JobId job = 0;                            ///< of job_*
};

/// What an administrator sees of a cache, and may do with it, whichever backend it has.
///
/// Every member may be called from any thread, and none of them waits for a disk or for other
/// work. What takes time is a job; what has to look at the index, or writes a file, answers through
/// a function, which is called exactly once, from the administration's own thread.
class Administration {
public:
    template<typename T>
    using Answer = std::function<void(std::expected<T, Refusal>)>;

    virtual ~Administration() = default;

    /// At most two seconds old. Never null.
    [[nodiscard]] virtual std::shared_ptr<const CacheReport> report() const = 0;
    /// Prometheus text.
    [[nodiscard]] virtual std::string metrics() const = 0;

    // --- jobs: one after another ---
    virtual void cull(CullRequest request, Answer<JobId> answer) = 0;
    virtual void purge(PurgeRequest request, Answer<JobId> answer) = 0;
    [[nodiscard]] virtual std::expected<JobId, Refusal> verify() = 0;
    /// Lines of JSON; `output` is closed at the end.
    virtual void dump(std::optional<std::string> volume, Fd output, Answer<JobId> answer) = 0;
    /// Those waiting and running, and those that ended within the last minute.
    [[nodiscard]] virtual std::vector<JobReport> jobs() const = 0;
    [[nodiscard]] virtual std::expected<void, Refusal> cancel(JobId job) = 0;

    // --- changes, in effect at once; they are answered when report() shows them ---
    virtual void pause(bool paused, Answer<void> answer) = 0;
    virtual void set_limits(LimitChange change, Answer<void> answer) = 0;
    /// Kept over restarts.
    virtual void pin(index::VolumeId volume, bool pinned, Answer<void> answer) = 0;
    /// Answers when report() shows what others had changed before this.
    virtual void look_anew(Answer<void> answer) = 0;

    // --- questions to the index ---
    virtual void list(ObjectQuery query, Answer<ObjectPage> answer) = 0;
    virtual void show(std::string volume, std::string name, Answer<ObjectReport> answer) = 0;
    /// For each bound (ascending), and for what is older than the last.
    virtual void ages(std::vector<Seconds> bounds, Answer<std::vector<Age>> answer) = 0;

    // --- listening ---
    /// `happened` is called, from any thread, whenever events() or report() may have something
    /// new; it must not call back. An empty one ends it.
    virtual void listen(std::function<void()> happened) = 0;
    /// What happened since the last call.
    [[nodiscard]] virtual std::vector<Event> events() = 0;
};

} // namespace cachefiles::daemon::admin
