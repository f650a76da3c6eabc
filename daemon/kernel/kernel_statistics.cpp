// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/fscache_metrics.hpp"
#include "daemon/kernel/kernel_backend.hpp"
#include "daemon/room_statistics.hpp"

namespace cachefiles::daemon {

metrics::Statistics KernelBackend::statistics() {
    metrics::Statistics all;
    const KernelEvictor::Counters& evictor = evictor_->counters();
    add_room_statistics(all, cull_thread_->status(), culler_->counters(), evictor.times,
                        *reap_thread_, *index_);
    const TreeThread::Status tree = tree_thread_->status();
    all["index_comparisons_total"] = static_cast<double>(tree.reconciled);
    all["foreign_entries"] = static_cast<double>(tree.last.foreign.entries);
    all["cull_commands_total"] = static_cast<double>(evictor.questions.load());
    all["tree_changes_total"] = static_cast<double>(tree.events.changes);
    all["tree_overflows_total"] = static_cast<double>(tree.events.overflows);
    all["unsettled_directories"] = static_cast<double>(tree.unsettled);
    profile_.turn();
    profile_.add_to(all);
    add_fscache_metrics(all);
    return all;
}

} // namespace cachefiles::daemon
