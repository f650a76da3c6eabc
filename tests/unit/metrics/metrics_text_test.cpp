// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/metrics/metric_table.hpp"
#include "daemon/metrics/metrics_text.hpp"
#include "daemon/metrics/sample_set.hpp"
#include "daemon/metrics/statistics.hpp"
#include "tests/unit/metrics/prometheus_text.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <set>
#include <string>

using namespace cachefiles;
using namespace cachefiles::daemon;
using namespace cachefiles::daemon::metrics;
using tests::PrometheusText;
using namespace std::chrono_literals;

namespace {

constexpr Seconds now = 1'700'000'000;
const Build build{"1.2.3", "user"};

admin::CacheReport full_report() {
    admin::CacheReport report;
    report.tag = "CacheFiles";
    report.culling = true;
    report.losses = 3;
    report.totals = {.objects = 1'000'000, .bytes = 5'000'000'000'000'000, .in_use = 7};
    report.oldest_use = now - 86'400;
    report.space = {
        .block_size = 4096, .blocks = 1000, .free_blocks = 250, .files = 99, .free_files = 9};
    report.limits.max_size = 500;
    report.limits.max_files = 501;
    report.limits.min_free = 502;
    report.limits.max_age = 503;
    report.limits.min_age = 504;
    report.volumes = {{.id = 1, .key = "nfs", .totals = {10, 20, 1}, .pinned = true},
                      {.id = 2, .key = "afs", .totals = {11, 21, 0}}};
    return report;
}

std::string volume_of(const std::string& key) {
    admin::CacheReport report;
    report.volumes = {{.id = 1, .key = key, .totals = {1, 1, 1}}};
    const PrometheusText text(metrics_text(report, build, now));
    CHECK(text.error() == "");
    return text.families().at("cachefiles_volume_objects").samples.at(0).labels.at("volume");
}

} // namespace

TEST_CASE("metrics text: what a report has") {
    const PrometheusText text(metrics_text(full_report(), build, now));
    CHECK(text.error() == "");
    CHECK(text.value("cachefiles_build_info", {{"version", "1.2.3"}, {"backend", "user"}}) == 1);
    CHECK(text.value("cachefiles_online") == 1);
    CHECK(text.value("cachefiles_culling") == 1);
    CHECK(text.value("cachefiles_culling_stalled") == 0);
    CHECK(text.value("cachefiles_losses_total") == 3);
    CHECK(text.value("cachefiles_objects") == 1'000'000);
    CHECK(text.value("cachefiles_size_bytes") == 5e15);
    CHECK(text.value("cachefiles_volumes") == 2);
    CHECK(text.value("cachefiles_volume_size_bytes", {{"volume", "nfs"}}) == 20);
    CHECK(text.value("cachefiles_volume_pinned", {{"volume", "nfs"}}) == 1);
    CHECK(text.value("cachefiles_volume_pinned", {{"volume", "afs"}}) == 0);
    CHECK(text.value("cachefiles_idle_age_seconds", {{"quantile", "1"}}) == 86'400);
    CHECK(text.value("cachefiles_filesystem_free_bytes") == 250 * 4096);
    CHECK(text.value("cachefiles_watermark_ratio", {{"resource", "bytes"}, {"limit", "run"}}) ==
          0.07);
    CHECK(text.value("cachefiles_limit_size_bytes") == 500);
    CHECK(text.value("cachefiles_limit_min_age_seconds") == 504);
}

TEST_CASE("metrics text: numbers are written as they are, with no exponent") {
    const std::string text = metrics_text(full_report(), build, now);
    CHECK(text.find("\ncachefiles_size_bytes{cache=\"CacheFiles\"} 5000000000000000\n") !=
          std::string::npos);
    CHECK(text.find("limit=\"stop\"} 0.01\n") != std::string::npos);
}

TEST_CASE("metrics text: what is not known or not limited has no sample") {
    const PrometheusText text(metrics_text(admin::CacheReport(), build, now));
    CHECK(text.error() == "");
    for (const char* name :
         {"limit_size_bytes", "limit_objects", "limit_free_bytes", "limit_max_age_seconds",
          "idle_age_seconds", "volume_objects", "lookups_total", "cull_duration_seconds"})
        CHECK_FALSE(text.has(std::string("cachefiles_") + name));
}

TEST_CASE("metrics text: an age is never negative, whatever the clock does") {
    admin::CacheReport report;
    report.oldest_use = now + 5;
    const PrometheusText text(metrics_text(report, build, now));
    CHECK(text.value("cachefiles_idle_age_seconds", {{"quantile", "1"}}) == 0);
}

TEST_CASE("metrics text: a key may have any bytes") {
    CHECK(volume_of("a \"b\"\\\n") == "a \"b\"\\\\\\x0a");
    CHECK(escape_label("a\n\"\\") == "a\\n\\\"\\\\");
    CHECK(volume_of("\xff\xc3\xa4") == "\\xff\xc3\xa4");
    CHECK(volume_of("(others)") == "\\x28others)");
    CHECK(volume_of("}") == "}");
}

TEST_CASE("metrics text: a tag may have any bytes") {
    admin::CacheReport report;
    report.tag = "a\"b\\\xff";
    const PrometheusText text(metrics_text(report, build, now));
    CHECK(text.error() == "");
    CHECK(text.families().at("cachefiles_online").samples.at(0).labels.at("cache") ==
          "a\"b\\\\\\xff");
}

TEST_CASE("metrics text: of many volumes the largest stand alone, and the sum is that of all") {
    admin::CacheReport report;
    constexpr std::size_t more = 20;
    double objects = 0;
    for (std::size_t i = 0; i < most_volumes + more; ++i) {
        report.volumes.push_back({.id = static_cast<index::VolumeId>(i + 1),
                                  .key = "v" + std::to_string(i),
                                  .totals = {i, 1000 * i, 1}});
        objects += static_cast<double>(i);
    }
    const PrometheusText text(metrics_text(report, build, now));
    CHECK(text.error() == "");
    double sum = 0;
    for (const auto& sample : text.families().at("cachefiles_volume_objects").samples)
        sum += sample.value;
    CHECK(text.families().at("cachefiles_volume_objects").samples.size() == most_volumes + 1);
    CHECK(sum == objects);
    CHECK(text.value("cachefiles_volumes") == most_volumes + more);
    CHECK(text.value("cachefiles_volume_objects_in_use", {{"volume", "(others)"}}) == more);
    CHECK(text.value("cachefiles_volume_objects", {{"volume", "v20"}}) == 20);
    CHECK(std::isnan(text.value("cachefiles_volume_objects", {{"volume", "v19"}})));
}

TEST_CASE("metrics text: statistics, with labels of their own, and histograms") {
    admin::CacheReport report;
    Histogram histogram;
    histogram.observe(20us);
    histogram.observe(2s);
    histogram.observe(1h);
    report.statistics = {{"lookups_total{result=\"found\"}", 4},
                         {"lookups_total{result=\"created\"}", 5},
                         {"cookies", 6},
                         {"no_such_metric", 7}};
    add_histogram(report.statistics, "cull_duration_seconds", histogram);
    const std::string written = metrics_text(report, build, now);
    const PrometheusText text(written);
    CHECK(text.error() == "");
    CHECK(text.value("cachefiles_lookups_total", {{"result", "found"}}) == 4);
    CHECK(text.value("cachefiles_cookies") == 6);
    CHECK(written.find("no_such_metric") == std::string::npos);
    CHECK(text.value("cachefiles_cull_duration_seconds_bucket", {{"le", "1e-05"}}) == 0);
    CHECK(text.value("cachefiles_cull_duration_seconds_bucket", {{"le", "3e-05"}}) == 1);
    CHECK(text.value("cachefiles_cull_duration_seconds_bucket", {{"le", "3"}}) == 2);
    CHECK(text.value("cachefiles_cull_duration_seconds_count") == 3);
    CHECK(text.value("cachefiles_cull_duration_seconds_sum") == doctest::Approx(3602.00002));
}

TEST_CASE("metric table: names as they should be, each once") {
    std::set<std::string> seen;
    for (const Metric& metric : all_metrics()) {
        const std::string name(metric.name);
        CAPTURE(name);
        CHECK(seen.insert(name).second);
        CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos);
        CHECK((metric.type == MetricType::counter) == name.ends_with("_total"));
        CHECK((metric.type != MetricType::histogram || name.ends_with("_seconds")));
        CHECK(metric.help.find_first_of("\\\n") == std::string_view::npos);
        CHECK(metric.help.ends_with('.'));
        const std::string sample = metric.type == MetricType::histogram ? name + "_bucket" : name;
        CHECK(find_metric(sample) == &metric);
    }
    CHECK(find_metric("cull_duration_seconds") == nullptr); // has none of its own name
    CHECK(find_metric("cookies_sum") == nullptr);
    CHECK(find_metric("") == nullptr);
}
