// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/doctor/checks.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

namespace cachefiles::ctl::doctor {
namespace {

using Level = Finding::Level;
using Version = std::pair<unsigned, unsigned>;

/// What users have put down to the daemon, and what was the kernel's.
struct Advisory {
    Version first; ///< of the versions that have it
    Version last;
    Level level;
    std::string_view text;
    std::string_view remedy;
};

constexpr std::array advisories{
    Advisory{{0, 0},
             {5, 16},
             Level::error,
             "its driver has another layout, and keeps files in use for as long as their inodes "
             "are remembered",
             "use Linux 6.1 or later"},
    Advisory{{5, 17},
             {5, 18},
             Level::warning,
             "its new driver could corrupt what it reads; later versions corrected that",
             "use Linux 6.1 or later"},
    Advisory{{5, 17},
             {6, 3},
             Level::note,
             "a process reads no more than 30 to 40 MB/s from the cache",
             "use Linux 6.4 or later if that is too little (Debian 12: from bookworm-backports)"},
};

std::optional<Version> version_of(const std::string& release) {
    Version version;
    if (std::sscanf(release.c_str(), "%u.%u", &version.first, &version.second) != 2)
        return std::nullopt;
    return version;
}

/// The servers' side of it: knfsd exports what it has mounted itself.
bool exports_again(const Machine& machine) {
    bool nfs = false;
    for (const Mount& mount : mounts(machine))
        nfs = nfs || mount.type == "nfs" || mount.type == "nfs4";
    return nfs && !machine.line("/proc/fs/nfsd/threads").empty() &&
           machine.line("/proc/fs/nfsd/threads") != "0";
}

} // namespace

Findings check_kernel(const Machine& machine, const daemon::Config& config) {
    if (config.daemon.backend != daemon::BackendKind::kernel)
        return {};
    const std::string release = machine.line("/proc/sys/kernel/osrelease");
    const std::optional<Version> version = version_of(release);
    if (!version)
        return {{Level::note, "kernel", "its version cannot be read", "see uname -r"}};
    Findings findings;
    for (const Advisory& each : advisories) {
        if (*version >= each.first && *version <= each.last)
            findings.push_back({each.level, "kernel", fmt::format("{}: {}", release, each.text),
                                std::string(each.remedy)});
    }
    if (exports_again(machine)) {
        findings.push_back(
            {Level::note, "kernel",
             "NFS is exported again here: under memory pressure that can deadlock",
             "keep the kernel up to date, and some memory free (vm.min_free_kbytes)"});
        findings.push_back({Level::note, "kernel",
                            "what is exported with fsid=0 is never cached by its clients",
                            "export it without fsid=0"});
    }
    if (findings.empty())
        findings.push_back(
            {Level::good, "kernel", fmt::format("nothing is known against {}", release), ""});
    return findings;
}

} // namespace cachefiles::ctl::doctor
