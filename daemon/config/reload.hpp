// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/config/config.hpp"

#include <string>
#include <vector>

namespace cachefiles::daemon {

/// What it takes to go from one configuration to another. Every changed key is one text,
/// "limits.max-size: none -> 500GiB", in one of the lists.
struct ReloadEffects {
    std::vector<std::string> at_once;
    std::vector<std::string> rebind;  ///< the driver takes it at bind only
    std::vector<std::string> restart; ///< taken at the start of the daemon only

    [[nodiscard]] bool any() const {
        return !at_once.empty() || !rebind.empty() || !restart.empty();
    }
};

[[nodiscard]] ReloadEffects reload_effects(const Config& before, const Config& after);

} // namespace cachefiles::daemon
