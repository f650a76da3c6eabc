// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/bus/authority.hpp"
#include "daemon/bus/parts.hpp"
#include "daemon/bus/pending_calls.hpp"

#include <sdbus-c++/sdbus-c++.h>

#include <atomic>
#include <functional>
#include <memory>

namespace cachefiles::daemon::bus {

/// What the objects on one connection share. Belongs to the loop's thread.
struct Context {
    const Parts& parts;
    sdbus::IConnection& connection;
    Authority& authority;
    std::shared_ptr<PendingCalls> pending;
    /// What the bus is told; anew at each turn. Null without an administration.
    std::shared_ptr<const admin::CacheReport> report;
    /// How many are under way, anywhere: each can have megabytes.
    std::shared_ptr<std::atomic<unsigned>> listings = std::make_shared<std::atomic<unsigned>>(0);
    /// Brings the objects up to date after a change. Nothing vanishes.
    std::function<void()> refresh;
};

} // namespace cachefiles::daemon::bus
