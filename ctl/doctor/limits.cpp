// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/doctor/checks.hpp"

#include <fmt/format.h>

#include <charconv>
#include <sstream>

namespace cachefiles::ctl::doctor {
namespace {

using Level = Finding::Level;

constexpr std::uint64_t least_descriptors = 65'536; // of a user backend that keeps objects open
constexpr std::uint64_t least_watches = 8192;       // a few volumes of 257 directories each

/// Nothing for "unlimited", and for what cannot be read.
std::optional<std::uint64_t> number(const std::string& text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} ? std::optional(value) : std::nullopt;
}

/// The soft limit of "Max open files" of a process.
std::optional<std::uint64_t> open_files(const Machine& machine, const std::string& process) {
    std::istringstream lines(machine.read("/proc/" + process + "/limits").value_or(""));
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("Max open files"))
            continue;
        std::istringstream words(line.substr(14));
        std::string soft;
        words >> soft;
        return number(soft);
    }
    return std::nullopt;
}

} // namespace

Findings check_limits(const Machine& machine, const daemon::Config& config) {
    Findings findings;
    const bool user = config.daemon.backend == daemon::BackendKind::user;
    for (const Process& process : processes_named(machine, "cachefilesd")) {
        const std::optional<std::uint64_t> most = open_files(machine, process.id);
        if (user && most && *most < least_descriptors)
            findings.push_back({Level::warning, "limits",
                                fmt::format("cachefilesd (process {}) may have {} files open, and "
                                            "keeps each object open that is in use",
                                            process.id, *most),
                                "systemctl edit cachefilesd: [Service] LimitNOFILE=524288; then "
                                "restart it"});
    }
    const std::optional<std::uint64_t> watches =
        number(machine.line("/proc/sys/fs/inotify/max_user_watches"));
    if (!user && config.daemon.events == daemon::Events::inotify && watches &&
        *watches < least_watches)
        findings.push_back(
            {Level::warning, "limits",
             fmt::format("{} inotify watches are too few: each volume takes 257", *watches),
             "sysctl fs.inotify.max_user_watches=1048576, or daemon.events: auto"});
    if (findings.empty())
        findings.push_back({Level::good, "limits", "files and watches suffice", ""});
    return findings;
}

} // namespace cachefiles::ctl::doctor
