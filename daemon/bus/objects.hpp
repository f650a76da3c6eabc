// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/bus/cache_object.hpp"
#include "daemon/bus/context.hpp"
#include "daemon/bus/job_object.hpp"
#include "daemon/bus/log_control_object.hpp"
#include "daemon/bus/manager_object.hpp"
#include "daemon/bus/volume_object.hpp"

#include <map>
#include <memory>
#include <optional>

namespace cachefiles::daemon::bus {

/// All objects on one connection, in step with the administration. Belongs to the loop's thread.
class Objects final {
public:
    Objects(const Parts& parts, sdbus::IConnection& connection);

    /// Tells the bus what happened and what changed. Not from within a call: objects vanish.
    void turn();

private:
    /// Takes the newest report, tells what changed, and makes objects for what is new in it.
    void refresh();
    void remove_volumes();
    void remove_jobs(const std::vector<admin::JobReport>& jobs);
    void add_volumes();
    void update_jobs(const std::vector<admin::JobReport>& jobs);
    void tell(const admin::Event& event);

    std::shared_ptr<PendingCalls> pending_;
    Authority authority_;
    Context context_;
    LogControlObject log_control_;
    ManagerObject manager_;
    std::optional<CacheObject> cache_;
    std::map<index::VolumeId, std::unique_ptr<VolumeObject>> volumes_;
    std::map<admin::JobId, std::unique_ptr<JobObject>> jobs_;
};

} // namespace cachefiles::daemon::bus
