// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/json.hpp"

#include "base/bytes_text.hpp"

#include <cmath>

namespace cachefiles::ctl {
namespace {

template<typename T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

/// Counters are whole numbers, and look better so.
Json plain_number(double value) {
    constexpr double exact = 9007199254740992; // 2^53
    if (std::nearbyint(value) == value && std::fabs(value) <= exact)
        return static_cast<std::int64_t>(value);
    return value;
}

} // namespace

Json to_json(const LimitValues& limits) {
    return {{"max_size", or_null(limits.max_size)},
            {"max_files", or_null(limits.max_files)},
            {"min_free", or_null(limits.min_free)},
            {"max_age", or_null(limits.max_age)},
            {"min_age", limits.min_age},
            {"brun", limits.brun},
            {"bcull", limits.bcull},
            {"bstop", limits.bstop},
            {"frun", limits.frun},
            {"fcull", limits.fcull},
            {"fstop", limits.fstop}};
}

Json to_json(const CacheValues& cache) {
    Json statistics = Json::object();
    for (const auto& [name, value] : cache.statistics)
        statistics[name] = plain_number(value);
    return {{"tag", cache.tag},
            {"directory", cache.directory},
            {"state", cache.state},
            {"culling", cache.culling},
            {"stalled", cache.stalled},
            {"paused", cache.paused},
            {"reason", cache.reason},
            {"in_step", cache.in_step},
            {"losses", cache.losses},
            {"limits", to_json(cache.limits)},
            {"objects", cache.objects},
            {"bytes", cache.bytes},
            {"objects_in_use", cache.objects_in_use},
            {"oldest_use_usec", cache.oldest_use},
            {"space_bytes", cache.space_bytes},
            {"free_bytes", cache.free_bytes},
            {"space_files", cache.space_files},
            {"free_files", cache.free_files},
            {"statistics", std::move(statistics)}};
}

std::string tag_of(const Snapshot& snapshot, const std::string& cache) {
    for (const CacheValues& each : snapshot.caches) {
        if (each.path == cache)
            return each.tag;
    }
    return {};
}

Json to_json(const VolumeValues& volume, const Snapshot& snapshot) {
    return {{"volume", volume.key},
            {"cache", tag_of(snapshot, volume.cache)},
            {"pinned", volume.pinned},
            {"pinned_by_configuration", volume.pinned_by_configuration},
            {"objects", volume.objects},
            {"bytes", volume.bytes},
            {"objects_in_use", volume.objects_in_use},
            {"newest_use_usec", volume.newest_use}};
}

Json to_json(const JobValues& job) {
    return {{"job", job.number()},      {"kind", job.kind},         {"state", job.state},
            {"progress", job.progress}, {"objects", job.objects},   {"bytes", job.bytes},
            {"busy", job.busy},         {"findings", job.findings}, {"message", job.message}};
}

Json to_json(const JobValues& job, const Snapshot& snapshot) {
    Json result = to_json(job);
    result["cache"] = tag_of(snapshot, job.cache);
    return result;
}

Json to_json(const ObjectValues& object) {
    return {{"object", object.number},       {"volume", object.volume},
            {"directory", object.directory}, {"name", bytes_text(object.name)},
            {"bytes", object.bytes},         {"last_use_usec", object.last_use},
            {"in_use", object.in_use}};
}

std::string to_line(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace cachefiles::ctl
