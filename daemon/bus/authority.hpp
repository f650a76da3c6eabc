// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/bus/pending_calls.hpp"

#include <sdbus-c++/sdbus-c++.h>

#include <functional>
#include <memory>
#include <string>

namespace cachefiles::daemon::bus {

/// What polkit decides about, one action of org.cachefiles1.policy each.
enum class Action {
    inspect, ///< names of objects
    cull,    ///< removes objects, or stops that
    manage,  ///< limits, pins, pauses, verifies
    reload,
};

/// Who may do what. Root, and the daemon's own user, may do everything; others if polkit says so.
/// Nothing here waits: the bus is asked for the caller's user, then polkit, which may ask a person.
/// Belongs to the loop's thread.
class Authority final {
public:
    Authority(sdbus::IConnection& connection, PendingCalls& pending);

    /// `then` is called from the loop when the caller may; otherwise the call is answered with
    /// AccessDenied. It must not depend on the object that was called, which may have vanished.
    void check(Call& call, Action action, const std::function<void(Call&)>& then);

private:
    using Then = std::function<void(Call&)>;

    void ask_polkit(PendingCalls::Id id, const std::string& sender, bool interactive, Action action,
                    const Then& then);

    PendingCalls& pending_;
    std::unique_ptr<sdbus::IProxy> bus_;
    std::unique_ptr<sdbus::IProxy> polkit_;
};

} // namespace cachefiles::daemon::bus
