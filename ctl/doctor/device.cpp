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

/// Of a driver that is not there its own finding tells.
Findings missing(const Machine& machine, const std::string& device) {
    if (device != daemon::CacheSettings().device)
        return {{Level::error, "device", fmt::format("{} is not there", device),
                 "start the daemon that serves it (user.device), or correct cache.device"}};
    if (!machine.exists("/sys/module/cachefiles"))
        return {};
    return {{Level::error, "device",
             fmt::format("{} is not there, though the driver is loaded", device),
             "see why: dmesg | grep -i cachefiles; a container has to be given it"}};
}

/// The user backend has one only if it is told to.
Findings check_fuse(const Machine& machine, const daemon::Config& config) {
    if (!config.user.has_device() || machine.exists("/dev/fuse"))
        return {};
    return {{Level::error, "device", "there is no /dev/fuse, which user.device needs",
             "load the module: modprobe fuse"}};
}

} // namespace

Findings check_device(const Machine& machine, const daemon::Config& config) {
    if (config.daemon.backend == daemon::BackendKind::user)
        return check_fuse(machine, config);
    const std::string device = config.cache.device.string();
    if (!machine.exists(device))
        return missing(machine, device);
    const std::vector<Process> holders = holders_of(machine, device);
    std::string ours;
    for (const Process& holder : holders) {
        if (holder.name == "cachefilesd")
            ours = holder.id;
        else if (!keeps_it(holder))
            return {{Level::error, "device",
                     fmt::format("{} is held by {} (process {}), and only one may have it", device,
                                 holder.name, holder.id),
                     fmt::format("see what that is, and stop it: systemctl status {}", holder.id)}};
    }
    if (holders.empty())
        return {{Level::note, "device",
                 fmt::format("nobody has {} open, as far as one may see", device),
                 "start the daemon: systemctl start cachefilesd (or run this as root)"}};
    if (ours.empty())
        return {{Level::note, "device",
                 fmt::format("{} is kept for the daemon, which does not run", device),
                 "systemctl start cachefilesd"}};
    return {{Level::good, "device",
             fmt::format("{} is held by cachefilesd (process {})", device, ours), ""}};
}

} // namespace cachefiles::ctl::doctor
