// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cull/backoff.hpp"
#include "cull/culler.hpp"
#include "cull/removal.hpp"
#include "cull/space_watch.hpp"
#include "daemon/binding.hpp"
#include "daemon/config/config.hpp"
#include "daemon/reap_thread.hpp"
#include "daemon/removal_order.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace cachefiles::daemon {

/// Looks at the space of one cache, and culls when there is too little: the space watch, the
/// culler, and when to try again after a stall. Belongs to the culling thread, but for the members
/// that say otherwise.
class MakeRoom final {
public:
    using Time = std::chrono::nanoseconds; ///< Clock::monotonic()

    struct Parts {
        int directory; ///< of the cache, to ask its file system
        index::Index& index;
        cull::Culler& culler;
        ReapThread& reaper;
        const Clock& clock;
        /// Does the index know the whole cache? Before, nothing can be said to be the oldest.
        std::function<bool()> knows_tree;
        /// Many objects are about to be deleted (true), or have been. May be empty.
        std::function<void(bool)> expect_many;
    };

    struct Settings {
        cull::Limits limits;
        bool enabled = true;
        std::chrono::seconds interval{10}; ///< between two looks at the free space

        [[nodiscard]] static Settings of(const Config& config) {
            return {config.limits, config.culling.enabled, config.daemon.space_check_interval};
        }
    };

    struct Status {
        bool culling = false; ///< room is wanted
        bool stalled = false; ///< and nothing can be culled
        bool paused = false;  ///< and it is not looked whether it is
        cull::Reason reason = cull::Reason::none;
        cull::Space space;
    };

    MakeRoom(Parts parts, Settings settings);

    /// One look, and a pass if room is wanted and may be tried. False: the cache is out of order.
    [[nodiscard]] bool run(const Binding::State& state, const std::function<bool()>& go_on);
    /// A look without consequences, so that status() has something to say. From any thread.
    void look();
    /// Something became cullable: what stalled may be tried again.
    void released() { backoff_.released(); }

    /// Does the index know the whole cache?
    [[nodiscard]] bool knows_tree() const { return parts_.knows_tree(); }
    /// What somebody wants removed, whether or not room is wanted: neither pause() nor
    /// Settings::enabled keeps it from being done.
    [[nodiscard]] std::unique_ptr<cull::Removal> begin_removal(const RemovalOrder::What& what);
    [[nodiscard]] std::optional<cull::PassResult> step_removal(cull::Removal& removal,
                                                               const std::function<bool()>& go_on);

    /// Room is being made: look again soon.
    [[nodiscard]] bool hurry() const { return hurry_; }
    void forget_hurry() { hurry_ = false; }
    /// When to look again, if nothing happens before.
    [[nodiscard]] Time next_look(Time last_look) const;

    /// From any thread.
    void change(Settings settings);
    /// Of what is in effect: `edit` is called once, at once.
    void change_limits(const std::function<void(cull::Limits&)>& edit);
    /// Those of the last change, whether or not the culling thread has taken them.
    [[nodiscard]] Settings settings() const;
    /// No room is made until pause(false); a pass under way ends.
    void pause(bool paused);
    [[nodiscard]] Status status() const;

private:
    void take_settings();
    [[nodiscard]] bool may_cull() const;
    [[nodiscard]] bool pass(const cull::Demand& demand, const std::vector<index::Volume>& volumes,
                            const std::function<bool()>& go_on);
    [[nodiscard]] bool note(const cull::Demand& demand, const cull::Space& space);

    Parts parts_;
    Settings settings_;
    cull::SpaceWatch watch_;
    cull::Backoff backoff_;
    bool hurry_ = false;

    std::atomic<bool> paused_{false};

    mutable std::mutex mutex_; ///< guards what follows
    Settings newest_;
    bool changed_ = false; ///< newest_ is not yet settings_
    Status status_;
};

} // namespace cachefiles::daemon
