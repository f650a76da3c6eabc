// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/doctor/defaults.hpp"
#include "ctl/doctor/finding.hpp"
#include "ctl/doctor/machine.hpp"
#include "ctl/doctor/probe.hpp"
#include "ctl/doctor/unit_file.hpp"
#include "ctl/snapshot.hpp"
#include "daemon/config/config.hpp"
#include "daemon/config/load.hpp"

#include <expected>
#include <optional>

/// Each looks at one thing, and changes nothing. A file for each in this folder.
namespace cachefiles::ctl::doctor {

using LoadResult = std::expected<daemon::LoadedConfig, daemon::Diagnostics>;

/// The cache is the daemon's own. Otherwise who binds one by the device file says where it is.
[[nodiscard]] inline bool has_cache(const daemon::Config& config) {
    return config.daemon.backend == daemon::BackendKind::kernel ||
           config.user.bound_by == daemon::BoundBy::daemon;
}

/// The configuration: errors, notices, two files where one counts.
[[nodiscard]] Findings check_configuration(const LoadResult& loaded);
/// Where the daemon that runs differs from the configuration, which then becomes what it has.
[[nodiscard]] Findings check_running(const Snapshot& snapshot, daemon::Config& config);
/// The driver: built in, loaded, to be loaded, missing.
[[nodiscard]] Findings check_module(const Machine& machine, const daemon::Config& config);
/// Its device: there, and whose.
[[nodiscard]] Findings check_device(const Machine& machine, const daemon::Config& config);
/// What the file system of the cache can do.
[[nodiscard]] Findings check_features(const Features& features, const daemon::Config& config);
/// How it is mounted, and what access times are worth then.
[[nodiscard]] Findings check_mount(const Machine& machine, const daemon::Config& config);
/// Network file systems that use the cache, or would not.
[[nodiscard]] Findings check_clients(const Machine& machine, const daemon::Config& config);
/// SELinux, AppArmor, and the security context for them.
[[nodiscard]] Findings check_security(const Machine& machine, const daemon::Config& config);
/// Descriptors, inotify and fanotify.
[[nodiscard]] Findings check_limits(const Machine& machine, const daemon::Config& config);
/// The index: its directory, its size, what was moved aside.
[[nodiscard]] Findings check_index(const Machine& machine, const daemon::Config& config);
/// What is known against this kernel.
[[nodiscard]] Findings check_kernel(const Machine& machine, const daemon::Config& config);
/// The unit, and the older daemon of the same name.
[[nodiscard]] Findings check_unit(const Machine& machine);
/// The older package's options.
[[nodiscard]] Findings check_defaults(const Defaults& defaults);
/// What the unit takes from the daemon, and the configuration asks for.
[[nodiscard]] Findings check_sandbox(const std::optional<UnitFile>& unit,
                                     const daemon::Config& config);

} // namespace cachefiles::ctl::doctor
