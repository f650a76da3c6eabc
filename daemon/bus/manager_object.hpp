// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/bus/bus_object.hpp"
#include "daemon/bus/context.hpp"

namespace cachefiles::daemon::bus {

/// /org/cachefiles1.
class ManagerObject final : public BusObject {
public:
    explicit ManagerObject(Context& context);

    void job_removed(const admin::JobReport& job);
    void index_rebuilt();

private:
    void describe();

    Context& context_;
};

} // namespace cachefiles::daemon::bus
