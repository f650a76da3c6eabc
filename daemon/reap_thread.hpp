// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.hpp"
#include "cull/reaper.hpp"
#include "daemon/worker.hpp"

#include <atomic>
#include <cstdint>
#include <functional>

namespace cachefiles::daemon {

/// Empties the graveyard in a thread of its own, when something was put there and once a minute:
/// the driver buries stale volumes without telling anybody.
class ReapThread final {
public:
    struct Counters {
        std::uint64_t files = 0;
        std::uint64_t bytes = 0;
        std::uint64_t failed = 0; ///< entries that the last run could not delete
    };

    /// Borrows the graveyard's descriptor. `emptied` is called, in this thread, after a run that
    /// deleted something.
    ReapThread(int graveyard, Log& log, std::function<void()> emptied);

    void start();
    /// Ends the run under way, between two entries, and waits for it.
    void stop() { worker_.stop(); }

    /// So much was put into the graveyard. From any thread.
    void expect(std::uint64_t bytes, std::uint64_t objects);
    /// Bytes and inodes that will become free. From any thread.
    [[nodiscard]] std::uint64_t pending() const { return pending_; }
    [[nodiscard]] std::uint64_t pending_objects() const { return pending_objects_; }

    [[nodiscard]] Counters counters() const;
    [[nodiscard]] Progress& progress() { return worker_.progress(); }

private:
    void turn();
    [[nodiscard]] bool reap();

    cull::Reaper reaper_;
    Log& log_;
    std::function<void()> emptied_;
    std::atomic<std::uint64_t> pending_{0};
    std::atomic<std::uint64_t> pending_objects_{0};
    std::atomic<std::uint64_t> files_{0};
    std::atomic<std::uint64_t> bytes_{0};
    std::atomic<std::uint64_t> failed_{0};
    Worker worker_; // last: its thread uses all of this
};

} // namespace cachefiles::daemon
