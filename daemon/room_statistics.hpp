// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cull/culler.hpp"
#include "daemon/cull_thread.hpp"
#include "daemon/metrics/statistics.hpp"
#include "daemon/reap_thread.hpp"
#include "index/index.hpp"

namespace cachefiles::daemon {

/// The statistics that both backends have: of the culler, the graveyard and the index.
/// `cull_times`: of evicting an object.
void add_room_statistics(metrics::Statistics& statistics, const CullThread::Status& cache,
                         const cull::CullCounters& culled, const Histogram& cull_times,
                         const ReapThread& reaper, index::Index& index);

} // namespace cachefiles::daemon
