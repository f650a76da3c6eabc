// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/doctor/machine.hpp"
#include "ctl/doctor/unit_file.hpp"
#include "daemon/config/load.hpp"
#include "daemon/config/options.hpp"

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace cachefiles::ctl::doctor {

/// /etc/default/cachefilesd, which the older package brought.
struct Defaults {
    static constexpr std::string_view file = "/etc/default/cachefilesd";

    bool there = false;
    std::string options; ///< DAEMON_OPTS
    std::string run;     ///< RUN
    bool counts = false; ///< the unit gives the daemon these options
};

[[nodiscard]] Defaults read_defaults(const Machine& machine, const std::optional<UnitFile>& unit);

/// The options as the daemon understands them, or what is wrong with them.
[[nodiscard]] std::expected<daemon::Options, std::string> options_of(const Defaults& defaults);

/// How the daemon that the unit starts would load its configuration. Wrong options are passed over.
[[nodiscard]] daemon::LoadRequest request_of(const Machine& machine, const Defaults& defaults);

} // namespace cachefiles::ctl::doctor
