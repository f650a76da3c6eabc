// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/admin/job_control.hpp"
#include "daemon/cull_thread.hpp"
#include "daemon/removal_order.hpp"

namespace cachefiles::daemon::admin {

/// Has the culling thread remove that, and waits for it.
[[nodiscard]] JobWork removal_work(CullThread& thread, RemovalOrder::What what);

} // namespace cachefiles::daemon::admin
