// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.hpp"
#include "cull/limits.hpp"
#include "index/index.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace cachefiles::daemon {

/// How changes of the cache's tree are followed.
enum class Events {
    automatic, ///< fanotify, or inotify where that is refused
    fanotify,
    inotify,
    off, ///< by scanning only
};

/// Who keeps the objects.
enum class BackendKind {
    kernel, ///< the kernel's driver
    user,   ///< the daemon itself
};

/// Who binds the cache of the user backend.
enum class BoundBy {
    daemon,
    device, ///< whoever opens the device file, such as another daemon for the driver
};

/// The cache: what the driver is told at bind, and how it lies on the disk.
struct CacheSettings {
    std::filesystem::path directory =
        "/var/cache/fscache"; ///< absolute; holds cache/ and graveyard/
    std::string tag = "CacheFiles";
    std::optional<std::string> security_context; ///< for a kernel with an LSM that knows it
    std::optional<unsigned> kernel_debug;        ///< mask: 1 enter, 2 exit, 4 debug
    std::filesystem::path device = "/dev/cachefiles";
    std::optional<std::uint64_t> extent_size; ///< bytes; of files made from now on, on XFS
    bool operator==(const CacheSettings&) const = default;
};

struct CullingSettings {
    bool enabled = true; ///< false: stock's -N and nocull. Nothing is culled, nothing is scanned.
    bool operator==(const CullingSettings&) const = default;
};

/// The index; see IndexOptions for what the figures mean.
struct IndexSettings {
    std::filesystem::path directory = "/var/lib/cachefilesd"; ///< absolute, not inside the cache
    std::uint64_t page_cache = 48 << 20;                      ///< bytes
    std::uint64_t reserve = 8 << 20;                          ///< bytes
    std::chrono::seconds touch_granularity{60};
    std::chrono::seconds commit_interval{5};
    bool operator==(const IndexSettings&) const = default;
};

struct DaemonSettings {
    BackendKind backend = BackendKind::kernel;
    Severity log_level = Severity::info;
    Events events = Events::automatic;
    unsigned scan_threads = 4; ///< a cold tree is read at twice the speed of one thread, no more
    std::chrono::seconds space_check_interval{10}; ///< between two looks at the free space
    bool operator==(const DaemonSettings&) const = default;
};

/// The metrics in a file, for the node exporter's textfile collector.
struct MetricsSettings {
    std::optional<std::filesystem::path> textfile; ///< absolute; absent: none is written
    std::chrono::seconds interval{15};             ///< between two texts
    bool operator==(const MetricsSettings&) const = default;
};

/// The user backend: where its clients reach it, and how much of it each may have.
struct UserSettings {
    std::filesystem::path socket = "/run/cachefilesd/netfs";
    bool device = false; ///< the device file: "dev/cachefiles" beside the socket
    BoundBy bound_by = BoundBy::daemon;
    std::chrono::seconds commit_interval{5}; ///< what is stored is durable after this long
    std::chrono::seconds idle_timeout{10};   ///< the driver's
    unsigned executor_threads = 8;
    std::uint64_t max_clients = 1024;
    // Of each client:
    std::uint64_t max_volumes = 64;
    std::uint64_t max_cookies = 65'536;
    std::uint64_t max_files = 8'192; ///< cookies in use
    std::uint64_t max_grants = 256;  ///< writes under way

    [[nodiscard]] bool has_device() const { return device || bound_by == BoundBy::device; }
    bool operator==(const UserSettings&) const = default;
};

/// Everything that can be configured, valid once load() has returned it. The schema
/// (daemon/config/schema.hpp) names the keys; cachefilesd.yaml(5) explains them.
struct Config {
    CacheSettings cache;
    cull::Limits limits;
    CullingSettings culling;
    IndexSettings index;
    DaemonSettings daemon;
    MetricsSettings metrics;
    UserSettings user;
    bool operator==(const Config&) const = default;
};

/// How the index of that cache is opened: the database is DIRECTORY/TAG.db.
[[nodiscard]] index::IndexOptions index_options(const Config& config);

} // namespace cachefiles::daemon
