// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/doctor/checks.hpp"

#include <fmt/format.h>

namespace cachefiles::ctl::doctor {
namespace {

using Level = Finding::Level;

/// The service manager keeps the device while the daemon restarts.
bool keeps_it(const Process& process) {
    return process.id == "1";
}

} // namespace

Findings check_device(const Machine& machine, const daemon::Config& config) {
    if (config.daemon.backend != daemon::BackendKind::kernel)
        return {};
    const std::string device = config.cache.device.string();
    if (!machine.exists(device))
        return {{Level::error, "device", fmt::format("{} is not there", device),
                 "load the module: modprobe cachefiles"}};
    const std::vector<Process> holders = holders_of(machine, device);
    for (const Process& holder : holders) {
        if (holder.name != "cachefilesd" && !keeps_it(holder))
            return {{Level::error, "device",
                     fmt::format("{} is held by {} (process {}), and only one may have it", device,
                                 holder.name, holder.id),
                     fmt::format("stop that program: systemctl status {}", holder.id)}};
    }
    if (holders.empty())
        return {{Level::note, "device",
                 fmt::format("nobody has {} open, as far as one may see", device),
                 "start the daemon: systemctl start cachefilesd (or run this as root)"}};
    return {{Level::good, "device",
             fmt::format("{} is held by cachefilesd (process {})", device, holders.back().id), ""}};
}

} // namespace cachefiles::ctl::doctor
