// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/bus/bus_object.hpp"
#include "daemon/bus/context.hpp"

namespace cachefiles::daemon::bus {

/// /org/freedesktop/LogControl1, for systemctl service-log-level.
class LogControlObject final : public BusObject {
public:
    explicit LogControlObject(Context& context);
};

} // namespace cachefiles::daemon::bus
