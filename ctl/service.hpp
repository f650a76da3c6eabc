// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/snapshot.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cachefiles::ctl {

struct CullOrder {
    std::optional<std::uint64_t> bytes, files;
    std::optional<Seconds> older_than;
    std::optional<std::string> volume; ///< a key
    bool dry_run = false;
};

/// 0 takes a limit away; what is absent stays.
struct LimitOrder {
    std::optional<std::uint64_t> max_size, max_files, min_free;
    std::optional<Seconds> max_age, min_age;
    bool persistent = false;
};

struct ObjectPage {
    std::vector<ObjectValues> objects;
    std::string next; ///< empty: there are no more
};

/// Something that happened.
struct Event {
    using Value = std::variant<bool, std::uint64_t, std::string>;
    std::string name; ///< "culling-started", "job-removed", "changed", ...
    std::string path; ///< of the object on the bus
    std::vector<std::pair<std::string, Value>> values;

    [[nodiscard]] std::string text(std::string_view value) const;
};

/// The daemon, as its D-Bus interfaces have it. One thread. Every member may throw a Failure, with
/// the exit status that fits.
class Service {
public:
    virtual ~Service() = default;

    [[nodiscard]] virtual Snapshot snapshot() = 0;

    /// The paths of jobs.
    [[nodiscard]] virtual std::string cull(const std::string& cache, const CullOrder& order) = 0;
    [[nodiscard]] virtual std::string purge(const std::string& cache, const std::string& volume,
                                            bool dry_run) = 0;
    [[nodiscard]] virtual std::string verify(const std::string& cache) = 0;
    /// Nothing if it is gone.
    [[nodiscard]] virtual std::optional<JobValues> job(const std::string& path) = 0;
    virtual void cancel(const std::string& job) = 0;

    virtual void pause(const std::string& cache, bool paused) = 0;
    virtual void set_limits(const std::string& cache, const LimitOrder& order) = 0;
    virtual void pin(const std::string& volume, bool pinned) = 0; ///< a path
    virtual void reload() = 0;
    [[nodiscard]] virtual std::string log_level() = 0;
    virtual void set_log_level(const std::string& level) = 0;

    /// `volume` is a key; empty: all of them.
    [[nodiscard]] virtual ObjectPage list(const std::string& cache, const std::string& volume,
                                          const std::string& cursor, std::uint32_t limit) = 0;
    /// `name` is bytes.
    [[nodiscard]] virtual ObjectDetails show(const std::string& cache, const std::string& volume,
                                             const std::string& name) = 0;
    /// One for each bound, and one for what is older.
    [[nodiscard]] virtual std::vector<AgeValues> ages(const std::string& cache,
                                                      const std::vector<Seconds>& bounds) = 0;
    [[nodiscard]] virtual std::string metrics() = 0;

    /// From now on wait() calls it, for everything that the daemon says.
    virtual void listen(std::function<void(const Event&)> happened) = 0;
    /// Returns when something has happened and was told, `descriptor` (-1: none) can be read, or
    /// the time is over; at once if the daemon has gone (a Failure, then).
    virtual void wait(int descriptor, std::optional<std::chrono::milliseconds> timeout) = 0;
};

} // namespace cachefiles::ctl
