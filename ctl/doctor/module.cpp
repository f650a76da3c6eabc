// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/doctor/checks.hpp"

#include <fmt/format.h>

namespace cachefiles::ctl::doctor {
namespace {

using Level = Finding::Level;

bool lists_module(const Machine& machine, const std::filesystem::path& list) {
    return machine.read(list).value_or("").find("/cachefiles.ko") != std::string::npos;
}

} // namespace

Findings check_module(const Machine& machine, const daemon::Config& config) {
    if (config.daemon.backend != daemon::BackendKind::kernel)
        return {{Level::good, "module", "not needed: the user backend", ""}};
    if (config.cache.device != daemon::CacheSettings().device)
        return {{Level::good, "module",
                 fmt::format("not needed: the device is {}", config.cache.device.string()), ""}};
    const std::string release = machine.line("/proc/sys/kernel/osrelease");
    const std::filesystem::path modules = std::filesystem::path("/lib/modules") / release;
    if (machine.exists("/sys/module/cachefiles") || machine.exists(config.cache.device))
        return {{Level::good, "module", "the driver cachefiles is there", ""}};
    if (lists_module(machine, modules / "modules.builtin"))
        return {{Level::error, "module", "the driver is built in, and has no device",
                 "see why: dmesg | grep -i cachefiles"}};
    if (lists_module(machine, modules / "modules.dep"))
        return {{Level::error, "module", "the driver cachefiles is not loaded",
                 "load it: modprobe cachefiles (the service does that by itself)"}};
    return {{Level::error, "module",
             fmt::format("the kernel {} has no driver cachefiles", release.empty() ? "?" : release),
             "boot a kernel with CONFIG_CACHEFILES, or use daemon.backend: user"}};
}

} // namespace cachefiles::ctl::doctor
