// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/doctor/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace cachefiles::ctl::doctor {
namespace {

namespace fs = std::filesystem;
using Level = Finding::Level;

/// Settings that make a directory, and where.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> made{{
    {"CacheDirectory", "/var/cache"},
    {"StateDirectory", "/var/lib"},
    {"RuntimeDirectory", "/run"},
    {"LogsDirectory", "/var/log"},
}};

std::vector<fs::path> writable(const UnitFile& unit) {
    std::vector<fs::path> found;
    for (std::string word : unit.words("ReadWritePaths")) {
        word.erase(0, word.find_first_not_of("-+")); // if it is there; in the service's root
        found.emplace_back(word);
    }
    for (const auto& [setting, place] : made) {
        for (const std::string& name : unit.words(setting))
            found.push_back(fs::path(place) / name.substr(0, name.find(':')));
    }
    return found;
}

bool may_write(const UnitFile& unit, const fs::path& path) {
    return std::ranges::any_of(writable(unit),
                               [&](const fs::path& each) { return is_below(path, each); });
}

Finding read_only(Level level, std::string_view key, const fs::path& path) {
    return {level, "unit",
            fmt::format("the unit does not let the daemon write to {} ({})", path.string(), key),
            fmt::format("systemctl edit cachefilesd: [Service] ReadWritePaths={}; then restart it",
                        path.string())};
}

/// What user-device.conf, among the examples, is for.
bool may_serve_device(const UnitFile& unit) {
    const std::vector<std::string> devices = unit.words("DeviceAllow");
    return unit.value("DevicePolicy") != "closed" ||
           std::ranges::find(devices, "/dev/fuse") != devices.end();
}

} // namespace

Findings check_sandbox(const std::optional<UnitFile>& unit, const daemon::Config& config) {
    Findings findings;
    if (!unit)
        return findings;
    if (unit->value("ProtectSystem") == "strict") {
        const bool user = config.daemon.backend == daemon::BackendKind::user;
        if (has_cache(config) && !may_write(*unit, config.cache.directory))
            findings.push_back(read_only(Level::error, "cache.directory", config.cache.directory));
        if (has_cache(config) && !may_write(*unit, config.index.directory))
            findings.push_back(read_only(Level::error, "index.directory", config.index.directory));
        if (user && !may_write(*unit, config.user.socket.parent_path()))
            findings.push_back(
                read_only(Level::error, "user.socket", config.user.socket.parent_path()));
        if (config.metrics.textfile && !may_write(*unit, config.metrics.textfile->parent_path()))
            findings.push_back(read_only(Level::warning, "metrics.textfile",
                                         config.metrics.textfile->parent_path()));
    }
    if (config.daemon.backend == daemon::BackendKind::user && config.user.has_device() &&
        !may_serve_device(*unit))
        findings.push_back({Level::error, "unit",
                            "the unit does not let the daemon serve its device file (user.device)",
                            "copy user-device.conf from /usr/share/doc/cachefilesd/examples to "
                            "/etc/systemd/system/cachefilesd.service.d; systemctl daemon-reload; "
                            "restart it"});
    return findings;
}

} // namespace cachefiles::ctl::doctor
