// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/metrics/metrics_text.hpp"

#include "base/bytes_text.hpp"
#include "daemon/metrics/sample_set.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

namespace cachefiles::daemon::metrics {
namespace {

constexpr std::string_view others = "(others)";

template<class Number>
double number(Number value) {
    return static_cast<double>(value);
}

void add_state(SampleSet& samples, const admin::CacheReport& report, const Build& build) {
    samples.add("build_info", 1, {{"version", build.version}, {"backend", build.backend}});
    samples.add("online", number(report.state == admin::CacheState::online));
    samples.add("culling", number(report.culling));
    samples.add("culling_stalled", number(report.stalled));
    samples.add("culling_paused", number(report.paused));
    samples.add("index_in_step", number(report.in_step));
    samples.add("losses_total", number(report.losses));
}

/// Its key; one that reads like the label of the others is told from it.
std::string label_of(const admin::VolumeReport& volume) {
    const std::string key = bytes_text(volume.key);
    return key == others ? "\\x28others)" : key;
}

void add_volume(SampleSet& samples, std::string_view label, const index::Totals& totals) {
    samples.add("volume_objects", number(totals.objects), {{"volume", label}});
    samples.add("volume_objects_in_use", number(totals.in_use), {{"volume", label}});
    samples.add("volume_size_bytes", number(totals.bytes), {{"volume", label}});
}

void add_volumes(SampleSet& samples, const admin::CacheReport& report) {
    std::vector<const admin::VolumeReport*> volumes;
    volumes.reserve(report.volumes.size());
    for (const admin::VolumeReport& volume : report.volumes)
        volumes.push_back(&volume);
    std::ranges::sort(volumes, [](const auto* a, const auto* b) {
        return a->totals.bytes != b->totals.bytes ? a->totals.bytes > b->totals.bytes
                                                  : a->id < b->id;
    });
    const std::size_t shown = std::min(volumes.size(), most_volumes);
    for (const admin::VolumeReport* volume : std::span(volumes).first(shown)) {
        add_volume(samples, label_of(*volume), volume->totals);
        samples.add("volume_pinned", number(volume->pinned), {{"volume", label_of(*volume)}});
    }
    if (shown == volumes.size())
        return;
    index::Totals rest;
    for (const admin::VolumeReport* volume : std::span(volumes).subspan(shown)) {
        rest.objects += volume->totals.objects;
        rest.bytes += volume->totals.bytes;
        rest.in_use += volume->totals.in_use;
    }
    add_volume(samples, others, rest);
}

void add_contents(SampleSet& samples, const admin::CacheReport& report, Seconds now) {
    samples.add("objects", number(report.totals.objects));
    samples.add("objects_in_use", number(report.totals.in_use));
    samples.add("size_bytes", number(report.totals.bytes));
    samples.add("volumes", number(report.volumes.size()));
    add_volumes(samples, report);
    if (report.oldest_use) // the other quantiles are among the statistics
        samples.add("idle_age_seconds", number(std::max<Seconds>(now - *report.oldest_use, 0)),
                    {{"quantile", "1"}});
}

void add_watermarks(SampleSet& samples, std::string_view resource,
                    const cull::Watermarks::Window& window) {
    const auto add = [&](std::string_view limit, unsigned percent) {
        samples.add("watermark_ratio", percent / 100.0, {{"resource", resource}, {"limit", limit}});
    };
    add("run", window.run);
    add("cull", window.cull);
    add("stop", window.stop);
}

template<class Number>
void add_limit(SampleSet& samples, std::string_view name, const std::optional<Number>& limit) {
    if (limit)
        samples.add(name, number(*limit));
}

void add_space(SampleSet& samples, const admin::CacheReport& report) {
    const cull::Space& space = report.space;
    samples.add("filesystem_size_bytes", number(space.blocks) * number(space.block_size));
    samples.add("filesystem_free_bytes", number(space.free_blocks) * number(space.block_size));
    samples.add("filesystem_files", number(space.files));
    samples.add("filesystem_files_free", number(space.free_files));
    const cull::Limits& limits = report.limits;
    add_watermarks(samples, "bytes", limits.watermarks.blocks);
    add_watermarks(samples, "files", limits.watermarks.files);
    add_limit(samples, "limit_size_bytes", limits.max_size);
    add_limit(samples, "limit_objects", limits.max_files);
    add_limit(samples, "limit_free_bytes", limits.min_free);
    add_limit(samples, "limit_max_age_seconds", limits.max_age);
    samples.add("limit_min_age_seconds", number(limits.min_age));
}

} // namespace

std::string metrics_text(const admin::CacheReport& report, const Build& build, Seconds now) {
    SampleSet samples(bytes_text(report.tag));
    add_state(samples, report, build);
    add_contents(samples, report, now);
    add_space(samples, report);
    for (const auto& [key, value] : report.statistics)
        samples.add_statistic(key, value);
    return samples.text();
}

} // namespace cachefiles::daemon::metrics
