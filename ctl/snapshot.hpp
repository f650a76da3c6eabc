// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What the daemon says of itself, as plain values. Times are in microseconds since the epoch (0:
/// never), sizes in bytes, keys as the bus has them (escape.hpp).
namespace cachefiles::ctl {

/// In effect. Absent: no such limit.
struct LimitValues {
    std::optional<std::uint64_t> max_size, max_files, min_free;
    std::optional<Seconds> max_age;
    Seconds min_age = 0;
    unsigned brun = 7, bcull = 5, bstop = 1; ///< per cent of the file system
    unsigned frun = 7, fcull = 5, fstop = 1;
};

struct CacheValues {
    std::string path; ///< on the bus
    std::string tag;
    std::string directory;
    std::string state = "online"; ///< online, lost, stopping
    bool culling = false;
    bool stalled = false;
    bool paused = false;
    std::string reason = "none";
    bool in_step = true;
    std::uint64_t losses = 0;
    LimitValues limits;
    std::uint64_t objects = 0, bytes = 0, objects_in_use = 0;
    std::uint64_t oldest_use = 0;
    std::uint64_t space_bytes = 0, free_bytes = 0; ///< of the file system
    std::uint64_t space_files = 0, free_files = 0; ///< 0: it does not count them
    std::map<std::string, double> statistics;
};

struct VolumeValues {
    std::string path; ///< on the bus
    std::string key;
    std::string cache; ///< its path
    bool pinned = false;
    bool pinned_by_configuration = false;
    std::uint64_t objects = 0, bytes = 0, objects_in_use = 0;
    std::uint64_t newest_use = 0;
};

struct JobValues {
    std::string path; ///< on the bus; its number at the end
    std::string kind; ///< cull, purge, verify, dump
    std::string cache;
    std::string state;     ///< waiting, running, done, canceled, failed
    unsigned progress = 0; ///< permyriad
    std::uint64_t objects = 0, bytes = 0, busy = 0;
    std::vector<std::string> findings; ///< of verify
    std::string message;               ///< of a failure

    [[nodiscard]] bool ended() const { return state != "waiting" && state != "running"; }
    [[nodiscard]] std::string number() const { return path.substr(path.rfind('/') + 1); }
};

/// Everything at one time.
struct Snapshot {
    std::uint64_t time = 0;
    std::string version;
    std::string backend; ///< kernel, user, device
    std::vector<CacheValues> caches;
    std::vector<VolumeValues> volumes;
    std::vector<JobValues> jobs;
};

struct ObjectValues {
    std::int64_t number = 0;
    std::string volume;
    unsigned directory = 0;
    std::string name; ///< any bytes
    std::uint64_t bytes = 0;
    std::uint64_t last_use = 0;
    bool in_use = false;
};

struct ObjectDetails {
    ObjectValues object;
    std::string path; ///< in the cache's directory; any bytes
    std::uint64_t block_size = 0;
    std::optional<std::string> content;   ///< a bit for each block, the first in the lowest bit
    std::optional<std::uint64_t> extents; ///< of the file, on the disk
};

struct AgeValues {
    std::uint64_t objects = 0, bytes = 0;
};

} // namespace cachefiles::ctl
