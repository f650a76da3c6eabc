// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/doctor/checks.hpp"
#include "ctl/doctor/unit_file.hpp"

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

Finding unit(const Machine& machine) {
    const std::optional<std::filesystem::path> file = unit_file(machine);
    if (!file)
        return {Level::warning, "unit", "there is no unit cachefilesd.service",
                "install the package cachefilesd, or start the daemon by other means"};
    if (machine.link(*file) == "/dev/null")
        return {Level::error, "unit", "cachefilesd.service is masked",
                file->native().starts_with("/run/") ? "systemctl unmask --runtime cachefilesd"
                                                    : "systemctl unmask cachefilesd"};
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
    return findings;
}

} // namespace cachefiles::ctl::doctor
