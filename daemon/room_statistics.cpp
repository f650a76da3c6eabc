// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/room_statistics.hpp"

namespace cachefiles::daemon {
namespace {

double number(std::uint64_t value) {
    return static_cast<double>(value);
}

} // namespace

void add_room_statistics(metrics::Statistics& statistics, const CullThread::Status& cache,
                         const cull::CullCounters& culled, const Histogram& cull_times,
                         const ReapThread& reaper, index::Index& index) {
    statistics["culled_objects_total"] = number(culled.culled_objects);
    statistics["culled_bytes_total"] = number(culled.culled_bytes);
    statistics["culled_volumes_total"] = number(culled.culled_volumes);
    statistics["cull_busy_total"] = number(culled.busy);
    statistics["cull_used_total"] = number(culled.used);
    statistics["cull_gone_total"] = number(culled.gone);
    statistics["cull_errors_total"] = number(culled.failed);
    statistics["cull_passes_total"] = number(culled.passes);
    statistics["cull_stalls_total"] = number(culled.stalls);
    metrics::add_histogram(statistics, "cull_duration_seconds", cull_times);
    statistics["released_objects_total"] = number(cache.released);

    const ReapThread::Counters reaped = reaper.counters();
    statistics["graveyard_bytes"] = number(reaper.pending());
    statistics["graveyard_objects"] = number(reaper.pending_objects());
    statistics["graveyard_errors"] = number(reaped.failed);
    statistics["reaped_files_total"] = number(reaped.files);
    statistics["reaped_bytes_total"] = number(reaped.bytes);

    metrics::add_histogram(statistics, "index_commit_duration_seconds", index.commit_times());
    statistics["index_uncommitted"] = index.uncommitted() ? 1 : 0;
}

} // namespace cachefiles::daemon
