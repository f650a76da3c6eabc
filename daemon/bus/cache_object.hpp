// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/bus/bus_object.hpp"
#include "daemon/bus/context.hpp"

namespace cachefiles::daemon::bus {

/// /org/cachefiles1/cache/TAG.
class CacheObject final : public BusObject {
public:
    explicit CacheObject(Context& context);

    /// Tells what differs from `before` in the context's report.
    void tell_changes(const admin::CacheReport& before);
    void tell(const admin::Event& event);

private:
    void describe_state();
    void describe_amounts();
    void describe_signals();
    void describe_jobs();
    void describe_changes();
    void describe_questions();

    Context& context_;
};

} // namespace cachefiles::daemon::bus
