// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/config/config.hpp"
#include "daemon/config/diagnostic.hpp"
#include "daemon/config/origin.hpp"

#include <functional>
#include <set>
#include <string>

namespace cachefiles::daemon {

/// Paths of keys whose text was no value; the configuration has another one in its place.
using RefusedKeys = std::set<std::string, std::less<>>;

/// The rules that concern more than one key, each broken one as an error at the place that was
/// written (rather than left at its default). A rule about a refused key is not checked.
[[nodiscard]] Diagnostics validate(const Config& config, const Origins& origins,
                                   const RefusedKeys& refused);

} // namespace cachefiles::daemon
