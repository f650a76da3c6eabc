// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/bus/bus_object.hpp"
#include "daemon/bus/context.hpp"

namespace cachefiles::daemon::bus {

/// /org/cachefiles1/job/NUMBER.
class JobObject final : public BusObject {
public:
    JobObject(Context& context, admin::JobReport job);

    void update(const admin::JobReport& job);
    [[nodiscard]] const admin::JobReport& job() const { return job_; }

private:
    void describe();

    Context& context_;
    admin::JobReport job_;
};

} // namespace cachefiles::daemon::bus
