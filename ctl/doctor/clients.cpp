// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/doctor/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace cachefiles::ctl::doctor {
namespace {

using Level = Finding::Level;

bool is_network(std::string_view type) {
    static constexpr std::array<std::string_view, 7> types{"nfs",  "nfs4", "cifs", "smb3",
                                                           "ceph", "9p",   "afs"};
    return std::ranges::find(types, type) != types.end();
}

/// AFS always asks for the cache; 9P calls it a mode.
bool uses_cache(const Mount& mount) {
    return mount.has("fsc") || mount.has("cache=fscache") || mount.type == "afs" ||
           mount.options.find(",fsc=") != std::string::npos;
}

} // namespace

Findings check_clients(const Machine& machine, const daemon::Config& config) {
    if (config.daemon.backend != daemon::BackendKind::kernel)
        return {};
    Findings findings;
    std::size_t network = 0, using_it = 0;
    for (const Mount& mount : mounts(machine)) {
        if (!is_network(mount.type))
            continue;
        ++network;
        if (!uses_cache(mount))
            continue;
        ++using_it;
        if (mount.has("sync"))
            findings.push_back({Level::warning, "mounts",
                                fmt::format("{} is mounted with sync, and never reads from the "
                                            "cache",
                                            mount.point.string()),
                                "mount it without sync"});
    }
    if (network > 0 && using_it == 0)
        findings.push_back({Level::warning, "mounts",
                            fmt::format("none of {} network mounts uses the cache", network),
                            "mount them with the option fsc (9p: cache=fscache); a remount does "
                            "not change it"});
    else if (network == 0)
        findings.push_back({Level::note, "mounts", "no network file system is mounted",
                            "mount one with the option fsc"});
    else if (findings.empty())
        findings.push_back({Level::good, "mounts",
                            fmt::format("{} of {} network mounts use the cache", using_it, network),
                            ""});
    return findings;
}

} // namespace cachefiles::ctl::doctor
