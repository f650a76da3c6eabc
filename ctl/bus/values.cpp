// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/bus/values.hpp"

#include "ctl/text/figures.hpp"

namespace cachefiles::ctl {
namespace {

std::optional<std::uint64_t> limit(const Properties& properties, const std::string& name) {
    const std::uint64_t amount = value<std::uint64_t>(properties, name);
    return amount == 0 ? std::nullopt : std::optional(amount);
}

Seconds seconds(std::uint64_t usec) {
    return static_cast<Seconds>(usec / usec_per_second);
}

LimitValues limit_values(const Properties& properties) {
    LimitValues limits;
    limits.max_size = limit(properties, "max-size");
    limits.max_files = limit(properties, "max-files");
    limits.min_free = limit(properties, "min-free");
    if (const std::optional<std::uint64_t> usec = limit(properties, "max-age-usec"))
        limits.max_age = seconds(*usec);
    limits.min_age = seconds(value<std::uint64_t>(properties, "min-age-usec"));
    limits.brun = value(properties, "brun", limits.brun);
    limits.bcull = value(properties, "bcull", limits.bcull);
    limits.bstop = value(properties, "bstop", limits.bstop);
    limits.frun = value(properties, "frun", limits.frun);
    limits.fcull = value(properties, "fcull", limits.fcull);
    limits.fstop = value(properties, "fstop", limits.fstop);
    return limits;
}

std::string byte_string(const Properties& properties, const std::string& name) {
    const auto values = value<std::vector<std::uint8_t>>(properties, name);
    return {values.begin(), values.end()};
}

} // namespace

CacheValues cache_values(const std::string& path, const Properties& properties) {
    CacheValues cache;
    cache.path = path;
    cache.tag = value<std::string>(properties, "Tag");
    cache.directory = value<std::string>(properties, "Directory");
    cache.state = value<std::string>(properties, "State");
    cache.culling = value<bool>(properties, "Culling");
    cache.stalled = value<bool>(properties, "Stalled");
    cache.paused = value<bool>(properties, "Paused");
    cache.reason = value<std::string>(properties, "Reason", "none");
    cache.in_step = value<bool>(properties, "InStep");
    cache.losses = value<std::uint64_t>(properties, "Losses");
    cache.limits = limit_values(value<Properties>(properties, "Limits"));
    cache.objects = value<std::uint64_t>(properties, "Objects");
    cache.bytes = value<std::uint64_t>(properties, "Bytes");
    cache.objects_in_use = value<std::uint64_t>(properties, "ObjectsInUse");
    cache.oldest_use = value<std::uint64_t>(properties, "OldestUseUSec");
    cache.space_bytes = value<std::uint64_t>(properties, "SpaceBytes");
    cache.free_bytes = value<std::uint64_t>(properties, "FreeBytes");
    cache.space_files = value<std::uint64_t>(properties, "SpaceFiles");
    cache.free_files = value<std::uint64_t>(properties, "FreeFiles");
    cache.statistics = value<std::map<std::string, double>>(properties, "Statistics");
    return cache;
}

VolumeValues volume_values(const std::string& path, const Properties& properties) {
    VolumeValues volume;
    volume.path = path;
    volume.key = value<std::string>(properties, "Key");
    volume.cache = value<sdbus::ObjectPath>(properties, "Cache");
    volume.pinned = value<bool>(properties, "Pinned");
    volume.pinned_by_configuration = value<bool>(properties, "PinnedByConfiguration");
    volume.objects = value<std::uint64_t>(properties, "Objects");
    volume.bytes = value<std::uint64_t>(properties, "Bytes");
    volume.objects_in_use = value<std::uint64_t>(properties, "ObjectsInUse");
    volume.newest_use = value<std::uint64_t>(properties, "NewestUseUSec");
    return volume;
}

JobValues job_values(const std::string& path, const Properties& properties) {
    JobValues job;
    job.path = path;
    job.kind = value<std::string>(properties, "Kind");
    job.cache = value<sdbus::ObjectPath>(properties, "Cache");
    job.state = value<std::string>(properties, "State");
    job.progress = value<std::uint32_t>(properties, "Progress");
    job.message = value<std::string>(properties, "Message");
    const auto result = value<Properties>(properties, "Result");
    job.objects = value<std::uint64_t>(result, "objects");
    job.bytes = value<std::uint64_t>(result, "bytes");
    job.busy = value<std::uint64_t>(result, "busy");
    job.findings = value<std::vector<std::string>>(result, "findings");
    return job;
}

ObjectDetails object_details(const Properties& properties) {
    ObjectDetails details;
    details.object.number = value<std::int64_t>(properties, "number");
    details.object.volume = value<std::string>(properties, "volume");
    details.object.directory = value<std::uint8_t>(properties, "directory");
    details.object.name = byte_string(properties, "name");
    details.object.bytes = value<std::uint64_t>(properties, "size");
    details.object.last_use =
        static_cast<std::uint64_t>(value<std::int64_t>(properties, "last-use-usec"));
    details.object.in_use = value<bool>(properties, "in-use");
    details.path = byte_string(properties, "path");
    details.block_size = value<std::uint64_t>(properties, "block-size");
    if (properties.contains("content"))
        details.content = byte_string(properties, "content");
    if (properties.contains("extents"))
        details.extents = value<std::uint64_t>(properties, "extents");
    return details;
}

} // namespace cachefiles::ctl
