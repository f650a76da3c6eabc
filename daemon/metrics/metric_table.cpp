// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/metrics/metric_table.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace cachefiles::daemon::metrics {
namespace {

using enum MetricType;

constexpr Metric table[]{
    {"build_info", gauge, "Always 1; what runs is in the labels."},

    // The state.
    {"online", gauge, "Whether the cache is bound and alive."},
    {"culling", gauge, "Whether room is wanted."},
    {"culling_stalled", gauge, "Whether room is wanted, and nothing can be culled."},
    {"culling_paused", gauge, "Whether culling is paused by an administrator."},
    {"index_in_step", gauge, "Whether the index knows all that is in the cache."},
    {"losses_total", counter, "How often the cache was lost."},

    // What is cached.
    {"objects", gauge, "Objects in the cache."},
    {"objects_in_use", gauge, "Objects that are in use, and cannot be culled."},
    {"size_bytes", gauge, "Disk space of the objects."},
    {"volumes", gauge, "Volumes in the cache."},
    {"volume_objects", gauge, "Objects of a volume."},
    {"volume_objects_in_use", gauge, "Objects of a volume that are in use."},
    {"volume_size_bytes", gauge, "Disk space of a volume's objects."},
    {"volume_pinned", gauge, "Whether the volume is never culled."},
    {"idle_age_seconds", gauge, "Time since the last use of the idle objects, as quantiles."},

    // Space and limits.
    {"filesystem_size_bytes", gauge, "Size of the cache's file system."},
    {"filesystem_free_bytes", gauge, "Free space of it."},
    {"filesystem_files", gauge, "Inodes of it; 0 if it does not count them."},
    {"filesystem_files_free", gauge, "Free inodes of it."},
    {"watermark_ratio", gauge, "The share of the file system that a watermark wants to be free."},
    {"limit_size_bytes", gauge, "max-size, if there is one."},
    {"limit_objects", gauge, "max-files, if there is one."},
    {"limit_free_bytes", gauge, "min-free, if there is one."},
    {"limit_max_age_seconds", gauge, "max-age, if there is one."},
    {"limit_min_age_seconds", gauge, "min-age."},

    // Culling.
    {"culled_objects_total", counter, "Objects culled, one by one and with their volumes."},
    {"culled_bytes_total", counter, "Disk space of the culled objects."},
    {"culled_volumes_total", counter, "Volumes culled as a whole."},
    {"cull_busy_total", counter, "Objects that were to be culled, and were in use."},
    {"cull_used_total", counter, "Objects that were to be culled, and were used since."},
    {"cull_gone_total", counter, "Objects that were to be culled, and were not there any more."},
    {"cull_errors_total", counter, "Objects that were to be culled, and could not be removed."},
    {"cull_passes_total", counter, "How often the culler looked for room."},
    {"cull_stalls_total", counter, "How often culling came to a stall."},
    {"cull_duration_seconds", histogram, "Time to remove an object."},
    {"released_objects_total", counter, "Objects that came out of use."},
    {"graveyard_bytes", gauge, "Disk space known to wait in the graveyard."},
    {"graveyard_objects", gauge, "Objects known to wait in the graveyard."},
    {"graveyard_errors", gauge, "Entries that the last run could not delete."},
    {"reaped_files_total", counter, "Files deleted from the graveyard."},
    {"reaped_bytes_total", counter, "Disk space of them."},

    // The index.
    {"index_commit_duration_seconds", histogram, "Time to make changes of the index durable."},
    {"index_uncommitted", gauge, "Whether changes of the index wait to become durable."},
    {"index_comparisons_total", counter, "How often the index was compared with the cache."},
    {"foreign_entries", gauge, "What the last comparison found that is not the cache's."},

    // The kernel backend.
    {"cull_commands_total", counter, "Commands sent to the driver to cull."},
    {"tree_changes_total", counter, "Changes of the cache that were followed."},
    {"tree_overflows_total", counter, "How often changes were lost, and the cache was compared."},
    {"unsettled_directories", gauge, "Directories that changed too recently to be marked."},

    // The user backend.
    {"clients", gauge, "Connected clients."},
    {"clients_accepted_total", counter, "Clients that were let in."},
    {"clients_refused_total", counter, "Clients that were turned away by a limit."},
    {"attached_volumes", gauge, "Volumes that clients have acquired."},
    {"cookies", gauge, "Cookies that clients have acquired, and those being let go of."},
    {"cookies_idle", gauge, "Cookies whose object is open, and that nobody uses."},
    {"acquired_cookies_total", counter, "Cookies that were acquired."},
    {"lookups_total", counter, "Lookups of objects, by their result."},
    {"touches_total", counter, "Objects that clients reported to have read, once per interval."},
    {"stores_total", counter, "Writes to the cache, by their purpose."},
    {"stored_bytes_total", counter, "Bytes written to the cache, by their purpose."},
    {"store_refusals_total", counter, "Writes to the cache that were refused, by the reason."},
    {"invalidations_total", counter, "Invalidations of cookies."},
    {"retired_cookies_total", counter, "Cookies given up with their object."},
    {"resizes_total", counter, "Objects whose size was changed."},
    {"executor_jobs_waiting", gauge, "Jobs that wait for a thread."},
    {"commit_waiting_bytes", gauge, "Bytes that are stored, and not durable yet."},
    {"commit_duration_seconds", histogram, "Time to make stored data durable."},

    // What the kernel counts: of all its caches and network file systems together.
    {"kernel_cookies", gauge, "Cookies."},
    {"kernel_volumes", gauge, "Volumes that are acquired."},
    {"kernel_volume_collisions_total", counter, "Volumes that waited long for one of that key."},
    {"kernel_out_of_memory_total", counter, "Volumes and cookies that there was no memory for."},
    {"kernel_acquires_total", counter, "Cookies that were to be acquired."},
    {"kernel_acquires_ok_total", counter, "Cookies that were acquired."},
    {"kernel_cookies_idle", gauge, "Cookies whose object is open, and that nobody uses."},
    {"kernel_lru_expired_total", counter, "Objects that were closed after some idle seconds."},
    {"kernel_invalidations_total", counter, "Invalidations of cookies."},
    {"kernel_updates_total", counter, "Updates of cookies."},
    {"kernel_resizes_total", counter, "Objects whose size was changed."},
    {"kernel_relinquishes_total", counter, "Cookies that were given up."},
    {"kernel_retires_total", counter, "Cookies that were given up with their object."},
    {"kernel_refused_writes_total", counter, "Writes refused for lack of space."},
    {"kernel_refused_creates_total", counter, "Objects not made for lack of space."},
    {"kernel_culls_total", counter, "Objects that the driver culled when told to."},
    {"kernel_reads_total", counter, "Reads from caches."},
    {"kernel_writes_total", counter, "Writes to caches."},
    {"kernel_misfits_total", counter, "Accesses that did not fit direct I/O."},
    {"kernel_netfs_reads_total", counter, "Requests of the file systems to read, by their origin."},
    {"kernel_netfs_cache_reads_total", counter, "Parts of them that went to a cache: hits."},
    {"kernel_netfs_cache_read_errors_total", counter, "Those that failed."},
    {"kernel_netfs_downloads_total", counter, "Parts of them that went to a server: misses."},
    {"kernel_netfs_download_errors_total", counter, "Those that failed."},
    {"kernel_netfs_cache_writes_total", counter, "What was downloaded and stored."},
    {"kernel_netfs_cache_write_errors_total", counter, "What could not be stored."},
    {"kernel_netfs_uploads_total", counter, "Writes that went to a server."},
    {"kernel_netfs_upload_errors_total", counter, "Those that failed."},
    {"kernel_netfs_zeroed_total", counter, "Parts of them that were filled with zeros."},
    {"kernel_netfs_requests", gauge, "Requests of the file systems under way."},
};

std::string_view without_suffix(std::string_view sample) {
    for (const std::string_view suffix : {"_bucket", "_sum", "_count"}) {
        if (sample.ends_with(suffix))
            return sample.substr(0, sample.size() - suffix.size());
    }
    return {};
}

} // namespace

std::span<const Metric> all_metrics() {
    return table;
}

const Metric* find_metric(std::string_view sample) {
    const auto* found = std::ranges::find(table, sample, &Metric::name);
    if (found == std::end(table)) {
        found = std::ranges::find(table, without_suffix(sample), &Metric::name);
        return found != std::end(table) && found->type == histogram ? found : nullptr;
    }
    return found->type == histogram ? nullptr : found;
}

} // namespace cachefiles::daemon::metrics
