// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/fscache_metrics.hpp"

#include "protocol/fscache_statistics.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

namespace cachefiles::daemon {
namespace {

struct Row {
    std::string_view section, name;
    std::string_view sample;
};
constexpr Row rows[]{
    {"Cookies", "n", "kernel_cookies"},
    {"Cookies", "v", "kernel_volumes"},
    {"Cookies", "vcol", "kernel_volume_collisions_total"},
    {"Cookies", "voom", "kernel_out_of_memory_total{what=\"volume\"}"},
    {"Acquire", "n", "kernel_acquires_total"},
    {"Acquire", "ok", "kernel_acquires_ok_total"},
    {"Acquire", "oom", "kernel_out_of_memory_total{what=\"cookie\"}"},
    {"LRU", "n", "kernel_cookies_idle"},
    {"LRU", "exp", "kernel_lru_expired_total"},
    {"Invals", "n", "kernel_invalidations_total"},
    {"Updates", "n", "kernel_updates_total"},
    {"Updates", "rsz", "kernel_resizes_total"},
    {"Relinqs", "n", "kernel_relinquishes_total"},
    {"Relinqs", "rtr", "kernel_retires_total"},
    {"NoSpace", "nwr", "kernel_refused_writes_total"},
    {"NoSpace", "ncr", "kernel_refused_creates_total"},
    {"NoSpace", "cull", "kernel_culls_total"},
    {"IO", "rd", "kernel_reads_total"},
    {"IO", "wr", "kernel_writes_total"},
    {"IO", "mis", "kernel_misfits_total"},
    // Linux 6.1: what the file systems have is in lines of one name.
    {"RdHelp", "RP", "kernel_netfs_reads_total{origin=\"page\"}"},
    {"RdHelp", "RA", "kernel_netfs_reads_total{origin=\"readahead\"}"},
    {"RdHelp", "WB", "kernel_netfs_reads_total{origin=\"write\"}"},
    {"RdHelp", "ZR", "kernel_netfs_zeroed_total"},
    {"RdHelp", "DL", "kernel_netfs_downloads_total"},
    {"RdHelp", "df", "kernel_netfs_download_errors_total"},
    {"RdHelp", "RD", "kernel_netfs_cache_reads_total"},
    {"RdHelp", "rf", "kernel_netfs_cache_read_errors_total"},
    {"RdHelp", "WR", "kernel_netfs_cache_writes_total"},
    {"RdHelp", "wf", "kernel_netfs_cache_write_errors_total"},
    {"RdHelp", "rr", "kernel_netfs_requests"},
    // Linux 6.12.
    {"Reads", "RF", "kernel_netfs_reads_total{origin=\"page\"}"},
    {"Reads", "DR", "kernel_netfs_reads_total{origin=\"direct\"}"},
    {"Reads", "RA", "kernel_netfs_reads_total{origin=\"readahead\"}"},
    {"Reads", "WB", "kernel_netfs_reads_total{origin=\"write\"}"},
    {"ZeroOps", "ZR", "kernel_netfs_zeroed_total"},
    {"DownOps", "DL", "kernel_netfs_downloads_total"},
    {"DownOps", "df", "kernel_netfs_download_errors_total"},
    {"CaRdOps", "RD", "kernel_netfs_cache_reads_total"},
    {"CaRdOps", "rf", "kernel_netfs_cache_read_errors_total"},
    {"CaWrOps", "WR", "kernel_netfs_cache_writes_total"},
    {"CaWrOps", "wf", "kernel_netfs_cache_write_errors_total"},
    {"UpldOps", "UL", "kernel_netfs_uploads_total"},
    {"UpldOps", "uf", "kernel_netfs_upload_errors_total"},
    {"Objs", "rr", "kernel_netfs_requests"},
};

} // namespace

void add_fscache_metrics(metrics::Statistics& statistics, std::string_view text) {
    for (const protocol::FscacheStatistic& each : protocol::parse_fscache_statistics(text)) {
        const auto* const row = std::ranges::find_if(rows, [&each](const Row& known) {
            return known.section == each.section && known.name == each.name;
        });
        if (row != std::end(rows))
            statistics[std::string(row->sample)] = static_cast<double>(each.value);
    }
}

void add_fscache_metrics(metrics::Statistics& statistics, const std::filesystem::path& file) {
    std::ifstream stream(file);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    add_fscache_metrics(statistics, std::string_view(text));
}

} // namespace cachefiles::daemon
