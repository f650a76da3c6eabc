// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/doctor/checks.hpp"

#include <fmt/format.h>

#include <utility>

namespace cachefiles::ctl::doctor {
namespace {

using Level = Finding::Level;

daemon::BackendKind backend_of(const Snapshot& snapshot) {
    return snapshot.backend == "kernel" ? daemon::BackendKind::kernel : daemon::BackendKind::user;
}

std::string_view name_of(daemon::BackendKind backend) {
    return backend == daemon::BackendKind::kernel ? "kernel" : "user";
}

Finding differs(std::string_view what, std::string_view runs, std::string_view configured) {
    return {Level::warning, "daemon",
            fmt::format("it runs with the {} {}, and is configured for {}", what, runs, configured),
            "systemctl restart cachefilesd, if that is meant"};
}

} // namespace

Findings check_running(const Snapshot& snapshot, daemon::Config& config) {
    Findings findings;
    const daemon::BackendKind configured =
        std::exchange(config.daemon.backend, backend_of(snapshot));
    if (configured != config.daemon.backend)
        findings.push_back(differs("backend", name_of(config.daemon.backend), name_of(configured)));
    if (snapshot.backend == "device")
        config.user.bound_by = daemon::BoundBy::device;
    if (snapshot.caches.empty())
        return findings;
    const CacheValues& cache = snapshot.caches.front();
    const std::filesystem::path directory =
        std::exchange(config.cache.directory, std::filesystem::path(cache.directory));
    if (directory != config.cache.directory)
        findings.push_back(differs("directory", cache.directory, directory.string()));
    config.cache.tag = cache.tag;
    return findings;
}

} // namespace cachefiles::ctl::doctor
