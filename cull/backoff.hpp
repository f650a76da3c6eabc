// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cull/space_watch.hpp"

#include <chrono>
#include <map>
#include <optional>

namespace cachefiles::cull {

/// When culling may be tried again after a stall: at once when an object was released, otherwise
/// after 1 s, 2 s, 4 s ... 60 s. So a cache in which everything is in use costs no CPU, and one in
/// which something was let go unnoticed still gets on.
///
/// Each limit waits for itself: a volume that is above its limit and all in use must not delay
/// culling for a disk that fills meanwhile. A demand that is left out stands for all together.
///
/// Times are Clock::monotonic(). Not thread-safe. Pure: no clock of its own.
class Backoff final {
public:
    static constexpr std::chrono::nanoseconds first_delay = std::chrono::seconds(1);
    static constexpr std::chrono::nanoseconds longest_delay = std::chrono::seconds(60);

    /// Nothing (more) could be culled for that demand.
    void stalled(std::chrono::nanoseconds now, const Demand& demand = {});
    /// Something became cullable, or the limits changed: all may be tried.
    void released();
    /// The demand was met. An empty one: nothing is wanted any more.
    void succeeded(const Demand& demand = {});

    [[nodiscard]] bool may_try(std::chrono::nanoseconds now, const Demand& demand = {}) const;
    /// When to set a timer for: the first of all; nothing when nothing is waited for.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> wake_at() const;

private:
    struct Wait {
        std::chrono::nanoseconds delay{0}; ///< the last one; zero: none since the last success
        std::optional<std::chrono::nanoseconds> until;
    };

    std::map<Cause, Wait> waits_;
};

} // namespace cachefiles::cull
