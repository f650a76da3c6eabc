// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/doctor/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <string_view>

namespace cachefiles::ctl::doctor {
namespace {

using Level = Finding::Level;

bool is_network(std::string_view type) {
    static constexpr std::array<std::string_view, 7> types{"nfs",  "nfs4", "cifs", "smb3",
                                                           "ceph", "9p",   "afs"};
    return std::ranges::find(types, type) != types.end();
}

/// Of 9P it is a mode of caching. Since Linux 6.4 that is shown as bits, 0x80 among them.
bool is_9p_mode(std::string_view option) {
    constexpr std::string_view name = "cache=";
    constexpr unsigned fscache = 0x80;
    if (option == "fscache" || option == "cache=fscache") // before: without its name, at first
        return true;
    if (!option.starts_with(name))
        return false;
    option.remove_prefix(name.size());
    if (option.starts_with("0x"))
        option.remove_prefix(2);
    unsigned bits = 0;
    const auto [end, error] =
        std::from_chars(option.data(), option.data() + option.size(), bits, 16);
    return error == std::errc{} && end == option.data() + option.size() && (bits & fscache) != 0;
}

/// AFS always asks for the cache.
bool uses_cache(const Mount& mount) {
    std::istringstream options(mount.options);
    for (std::string option; std::getline(options, option, ',');) {
        if (option == "fsc" || option.starts_with("fsc=") ||
            (mount.type == "9p" && is_9p_mode(option)))
            return true;
    }
    return mount.type == "afs";
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
