// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/fscache_metrics.hpp"
#include "daemon/metrics/metric_table.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

using namespace cachefiles::daemon;
namespace fs = std::filesystem;

namespace {

metrics::Statistics of(const char* kernel) {
    metrics::Statistics found;
    add_fscache_metrics(found, fs::path(CACHEFILESD_SOURCE) /
                                   "tests/fuzz/corpus/fscache_statistics" / kernel);
    for (const auto& [key, value] : found) {
        CAPTURE(key);
        CHECK(metrics::find_metric(key.substr(0, key.find('{'))) != nullptr);
    }
    return found;
}

} // namespace

TEST_CASE("fscache metrics: Linux 6.1") {
    const metrics::Statistics found = of("linux_6_1");
    CHECK(found.at("kernel_cookies") == 3);
    CHECK(found.at("kernel_out_of_memory_total{what=\"cookie\"}") == 1);
    CHECK(found.at("kernel_refused_creates_total") == 16);
    CHECK(found.at("kernel_culls_total") == 17);
    CHECK(found.at("kernel_reads_total") == 18);
    CHECK(found.at("kernel_netfs_reads_total{origin=\"page\"}") == 21);
    CHECK(found.at("kernel_netfs_downloads_total") == 26);
    CHECK(found.at("kernel_netfs_cache_reads_total") == 30);
    CHECK(found.at("kernel_netfs_cache_write_errors_total") == 35);
    CHECK(found.at("kernel_netfs_requests") == 1);
    CHECK_FALSE(found.contains("kernel_misfits_total"));
    CHECK_FALSE(found.contains("kernel_netfs_uploads_total"));
}

TEST_CASE("fscache metrics: Linux 6.12 has the same, and more") {
    metrics::Statistics found = of("linux_6_12");
    for (const auto& [key, value] : of("linux_6_1")) {
        CAPTURE(key);
        CHECK(found.at(key) == value);
        found.erase(key);
    }
    CHECK(found == metrics::Statistics{{"kernel_misfits_total", 41},
                                       {"kernel_netfs_reads_total{origin=\"direct\"}", 36},
                                       {"kernel_netfs_uploads_total", 38},
                                       {"kernel_netfs_upload_errors_total", 40}});
}

TEST_CASE("fscache metrics: a kernel that has none") {
    CHECK(of("no_such_file").empty());
    CHECK(of("empty").empty());
}
