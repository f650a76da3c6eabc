// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/doctor/checks.hpp"

#include <fmt/format.h>

namespace cachefiles::ctl::doctor {
namespace {

using Level = Finding::Level;

/// The older daemon is linked against nothing but libc.
bool is_ours(const Machine& machine, const Process& process) {
    const std::optional<std::string> maps = machine.read("/proc/" + process.id + "/maps");
    return !maps || maps->empty() || maps->find("libsqlite3") != std::string::npos;
}

bool is_enabled(const Machine& machine) {
    const std::filesystem::path units = "/etc/systemd/system";
    for (const std::string& name : machine.list(units)) {
        if ((name.ends_with(".wants") || name.ends_with(".requires")) &&
            machine.exists(units / name / "cachefilesd.service"))
            return true;
    }
    return false;
}

bool has_unit(const Machine& machine) {
    for (const char* const place : {"/etc/systemd/system", "/usr/local/lib/systemd/system",
                                    "/usr/lib/systemd/system", "/lib/systemd/system"}) {
        if (machine.exists(std::filesystem::path(place) / "cachefilesd.service"))
            return true;
    }
    return false;
}

Finding unit(const Machine& machine) {
    if (!has_unit(machine))
        return {Level::warning, "unit", "there is no unit cachefilesd.service",
                "install the package cachefilesd, or start the daemon by other means"};
    if (machine.link("/etc/systemd/system/cachefilesd.service") == "/dev/null")
        return {Level::error, "unit", "cachefilesd.service is masked",
                "systemctl unmask cachefilesd"};
    if (!is_enabled(machine))
        return {Level::warning, "unit", "cachefilesd.service is not enabled: not after a boot",
                "systemctl enable --now cachefilesd"};
    return {Level::good, "unit", "cachefilesd.service is enabled", ""};
}

} // namespace

Findings check_unit(const Machine& machine) {
    Findings findings{unit(machine)};
    for (const Process& process : processes_named(machine, "cachefilesd")) {
        if (!is_ours(machine, process))
            findings.push_back({Level::error, "older daemon",
                                fmt::format("process {} is the older cachefilesd", process.id),
                                "stop it (systemctl stop cachefilesd, or kill), and start this "
                                "one"});
    }
    if (machine.exists("/etc/default/cachefilesd"))
        findings.push_back({Level::note, "unit",
                            "/etc/default/cachefilesd is the older package's; of it DAEMON_OPTS= "
                            "counts, and RUN= has no effect",
                            "delete it if it has no options; RUN=yes is systemctl enable "
                            "cachefilesd"});
    return findings;
}

} // namespace cachefiles::ctl::doctor
