// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace cachefiles::daemon::admin {

/// Both functions, or none of them.
struct InUseSource {
    /// Objects in each volume, by the name of its directory.
    std::function<std::map<std::string, std::uint64_t>()> counts = {};
    /// Of one object, by its path in the cache's directory, as ObjectReport has it.
    std::function<bool(const std::string& path)> contains = {};
};

} // namespace cachefiles::daemon::admin
