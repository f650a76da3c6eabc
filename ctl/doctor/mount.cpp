// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/doctor/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace cachefiles::ctl::doctor {
namespace {

using Level = Finding::Level;

std::string_view access_times(const Mount& mount) {
    for (const std::string_view option : {"noatime", "relatime", "strictatime"}) {
        if (mount.has(option))
            return option;
    }
    return "strictatime";
}

Finding recency(const Mount& mount, const daemon::Config& config) {
    const std::string_view times = access_times(mount);
    if (config.daemon.backend == daemon::BackendKind::user ||
        config.daemon.events != daemon::Events::off)
        return {Level::good, "recency",
                fmt::format("uses are followed as they happen: {} does not matter", times), ""};
    if (times == "noatime")
        return {Level::warning, "recency",
                "events are off, and noatime: what was stored first is culled first, used or not",
                "set daemon.events: auto, or mount it with relatime"};
    if (times == "relatime")
        return {Level::warning, "recency",
                "events are off, and relatime: uses are known to the day only",
                "set daemon.events: auto, or mount it with strictatime"};
    return {Level::note, "recency", "events are off: uses are known from access times, by scanning",
            "set daemon.events: auto, which costs less"};
}

/// What the driver refuses; and for either backend, what is no disk of this machine.
bool is_unsuitable(std::string_view type, daemon::BackendKind backend) {
    static constexpr std::array<std::string_view, 7> far{"nfs",  "nfs4", "cifs", "smb3",
                                                         "ceph", "9p",   "afs"};
    static constexpr std::array<std::string_view, 5> refused{"ramfs", "tmpfs", "zfs", "overlay",
                                                             "vfat"};
    return std::ranges::find(far, type) != far.end() ||
           (backend == daemon::BackendKind::kernel &&
            std::ranges::find(refused, type) != refused.end());
}

bool is_memory(std::string_view type) {
    return type == "tmpfs" || type == "ramfs";
}

} // namespace

Findings check_mount(const Machine& machine, const daemon::Config& config) {
    const std::filesystem::path& directory = config.cache.directory;
    const std::optional<Mount> mount = mount_of(machine, directory);
    if (!mount)
        return {{Level::note, "mount", "the mounts cannot be read", "run it as root"}};
    Findings findings;
    if (is_unsuitable(mount->type, config.daemon.backend))
        findings.push_back(
            {Level::error, "mount",
             fmt::format("{} is on {}, which cannot hold a cache", directory.string(), mount->type),
             "put the cache on ext4, XFS or btrfs (cache.directory)"});
    else if (is_memory(mount->type))
        findings.push_back({Level::warning, "mount",
                            fmt::format("{} is in memory ({}), and gone after a boot",
                                        directory.string(), mount->type),
                            "put the cache on a disk (cache.directory)"});
    if (mount->has("ro"))
        findings.push_back(
            {Level::error, "mount", fmt::format("{} is mounted read-only", mount->point.string()),
             fmt::format("see why (dmesg), then: mount -o remount,rw {}", mount->point.string())});
    if (mount->point == "/" && !config.limits.max_size && !config.limits.min_free)
        findings.push_back(
            {Level::note, "mount",
             "the cache shares the root file system, and fills it to the watermarks",
             "set limits.max-size or limits.min-free, or give it a disk of its own"});
    if (findings.empty())
        findings.push_back({Level::good, "mount",
                            fmt::format("{} is on {} ({})", directory.string(),
                                        mount->point.string(), mount->type),
                            ""});
    findings.push_back(recency(*mount, config));
    return findings;
}

} // namespace cachefiles::ctl::doctor
