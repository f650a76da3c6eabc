// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "cull/evictor.hpp"
#include "cull/space_watch.hpp"
#include "cull/use_states.hpp"
#include "index/index.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace cachefiles::cull {

/// What the culler did since it was made. Read from any thread.
struct CullCounters {
    std::uint64_t passes = 0;
    std::uint64_t culled_objects = 0; ///< one by one, and with their volumes
    std::uint64_t culled_bytes = 0;
    std::uint64_t culled_volumes = 0; ///< as a whole; their objects and bytes are in the two above
    std::uint64_t busy = 0;
    std::uint64_t gone = 0;
    std::uint64_t used = 0;
    std::uint64_t failed = 0;
    std::uint64_t stalls = 0; ///< how often culling came to a stall; a stall that lasts is one
};

enum class PassResult {
    satisfied, ///< the demand was met
    stalled,   ///< nothing (more) can be culled: everything is in use, pinned or too young
    stopped,   ///< the evictor was asked to stop, or `go_on` said no
    lost,      ///< the evictor says that the cache is out of order
};

struct PassReport {
    PassResult result = PassResult::satisfied;
    std::uint64_t objects = 0, bytes = 0; ///< culled
    std::uint64_t busy = 0;
    /// Of them: freed only when the reaper has been there.
    std::uint64_t graveyard_objects = 0, graveyard_bytes = 0;
};

/// A change of state, told when it is logged.
struct CullEvent {
    enum class Kind { started, stalled, finished };
    Kind kind = Kind::started;
    Reason reason = Reason::none;
    std::uint64_t objects = 0, bytes = 0; ///< of finished: culled since the start
};

/// Makes room: takes the least recently used objects from the index and hands them to the evictor,
/// in batches, each a prefix of the recency order no longer than the demand, sorted by directory.
///
/// - A volume that nobody uses and whose newest object is older than everything that would remain
///   is evicted as a whole.
/// - A busy object becomes in_use in the index. When more than `busy_share` of what was tried is
///   busy, or no idle object is left, everything in use is asked for at once (Evictor::in_use), and
///   the states in the index are set to that; at most once in a pass, see UseStates.
/// - `min_age` and pinned volumes are respected: those given, and those that have a pin in the
///   index, from the next batch on. A failed object counts as used now, and is not
///   tried again in the same pass; a pass with more than `batch` failures ends as stalled.
/// - Objects that were gone count towards a demand that is about totals (max_size...), not towards
///   one that is about free space.
/// - Changes of state are logged, not passes, for each limit apart: started before the first object
///   goes, stalled once until the demand is met, finished with what was culled since the start.
/// - Memory: one batch. The index's changes are committed as they fall due.
///
/// run() may be called from one thread at a time; counters() from any. No I/O of its own, no
/// waiting: when to call again after a stall is the owner's business (Backoff).
class Culler final {
public:
    struct Options {
        std::size_t batch = 4096; ///< objects per batch: some 100 ms of work, 1 MiB of memory
        unsigned busy_share = 25; ///< per cent
        /// In the culler's thread; may be empty.
        std::function<void(const CullEvent&)> changed = {};
    };

    Culler(index::Index& index, Evictor& evictor, const Clock& clock, Log& log, Options options);

    /// Works until the demand is met. `go_on` is asked between batches. An empty demand (nothing is
    /// wanted any more) costs nothing and ends what the log calls stalled or started.
    PassReport run(const Demand& demand, std::span<const index::VolumeId> pinned, Seconds min_age,
                   const std::function<bool()>& go_on);

    class Pass; // culler_pass.hpp

    /// The same in steps, of a batch each, for work that lets other work in between. Belongs to
    /// the thread of run(), as does ask_in_use().
    class Run final {
    public:
        /// `pinned_too`: also from volumes that have a pin in the index.
        Run(Culler& culler, Demand demand, std::vector<index::VolumeId> pinned, bool pinned_too,
            Seconds min_age);
        ~Run();
        Run(const Run&) = delete;
        Run& operator=(const Run&) = delete;

        /// Nothing: there is more to do.
        [[nodiscard]] std::optional<PassResult> step(const std::function<bool()>& go_on);
        /// So far.
        [[nodiscard]] const PassReport& report() const;

    private:
        Culler& culler_;
        const Demand demand_;
        std::unique_ptr<Pass> pass_;
        bool ended_ = false;
    };

    /// Sets the states in the index to what the evictor says is in use, whatever that costs: for
    /// one who wants to know, now.
    void ask_in_use() { states_.refresh_now(); }

    [[nodiscard]] CullCounters counters() const;

private:
    /// Making room for one limit, from the first object to the demand met, in however many passes.
    struct Episode {
        bool started = false; ///< and said so
        bool stalled = false; ///< and said so
        std::uint64_t objects = 0, bytes = 0;
        std::chrono::nanoseconds since{0};
    };
    void say_started(const Demand& demand);
    void say_result(const Demand& demand, const PassReport& report);
    void say_stalled(const Demand& demand);
    void say_finished(Reason reason, const Episode& episode);
    void end_episodes();
    void tell(const CullEvent& event) const;
    void count(const CullCounters& more);

    index::Index& index_;
    Evictor& evictor_;
    const Clock& clock_;
    Log& log_;
    Options options_;
    UseStates states_;
    std::map<Cause, Episode> episodes_;
    mutable std::mutex mutex_;
    CullCounters counters_; // under mutex_
};

} // namespace cachefiles::cull
