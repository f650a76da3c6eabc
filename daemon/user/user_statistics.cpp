// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/room_statistics.hpp"
#include "daemon/user/user_backend.hpp"

namespace cachefiles::daemon {

metrics::Statistics UserBackend::statistics() {
    metrics::Statistics all;
    add_room_statistics(all, cull_thread_->status(), culler_->counters(), evictor_->times(),
                        *reap_thread_, *index_);
    const IndexThread::Status index = index_thread_->status();
    all["index_comparisons_total"] = static_cast<double>(index.compared);
    all["foreign_entries"] = static_cast<double>(index.last.foreign.entries);
    const std::shared_ptr<cache::store::Store> bound = store();
    all["commit_waiting_bytes"] = bound ? static_cast<double>(bound->uncommitted()) : 0;
    metrics::add_histogram(all, "commit_duration_seconds", store_counters_->commit_times);
    all["lookups_total{result=\"found\"}"] = static_cast<double>(store_counters_->found);
    all["lookups_total{result=\"created\"}"] = static_cast<double>(store_counters_->created);
    all["lookups_total{result=\"failed\"}"] = static_cast<double>(store_counters_->failed);
    service_->add_statistics(all);
    profile_.turn();
    profile_.add_to(all);
    return all;
}

} // namespace cachefiles::daemon
