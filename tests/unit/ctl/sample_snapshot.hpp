// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/snapshot.hpp"

namespace cachefiles::ctl {

inline constexpr std::uint64_t sample_now = 1'800'000'000'000'000;
inline constexpr std::uint64_t sample_second = 1'000'000;

/// A cache in which all is well: 640 GiB of 1 TiB, three volumes, one of them pinned.
inline Snapshot sample_snapshot() {
    constexpr std::uint64_t gib = 1ULL << 30;
    Snapshot snapshot;
    snapshot.time = sample_now;
    snapshot.version = "1.2.3";
    snapshot.backend = "kernel";
    CacheValues cache;
    cache.path = "/org/cachefiles1/cache/CacheFiles";
    cache.tag = "CacheFiles";
    cache.directory = "/var/cache/fscache";
    cache.limits.max_size = 1024 * gib;
    cache.limits.max_age = 90 * 86400;
    cache.objects = 1'234'567;
    cache.bytes = 640 * gib;
    cache.objects_in_use = 1024;
    cache.oldest_use = sample_now - 12 * 86400 * sample_second - 4 * 3600 * sample_second;
    cache.space_bytes = 2000 * gib;
    cache.free_bytes = 1000 * gib;
    cache.space_files = 10'000'000;
    cache.free_files = 8'000'000;
    snapshot.caches.push_back(cache);
    const auto volume = [&](const char* number, const char* key, std::uint64_t objects,
                            std::uint64_t bytes, bool pinned) {
        VolumeValues values;
        values.path = std::string("/org/cachefiles1/volume/") + number;
        values.key = key;
        values.cache = cache.path;
        values.pinned = pinned;
        values.objects = objects;
        values.bytes = bytes;
        values.newest_use = sample_now - 120 * sample_second;
        snapshot.volumes.push_back(values);
    };
    volume("1", "nfs,4.2,2,,a0000000a,0,0,,100000,100000,2ee,bb8,2ee,bb8,1", 1'000'000, 500 * gib,
           false);
    volume("2", "nfs,4.2,2,,b0000000a,0,0,,100000,100000,2ee,bb8,2ee,bb8,textures", 234'000,
           130 * gib, true);
    volume("3", "9p,tag,projects", 567, 10 * gib, false);
    return snapshot;
}

} // namespace cachefiles::ctl
