// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "tests/conformance/runner/target.hpp"

#include <string>

namespace cachefiles::conformance {

/// A request of the device on a file that is one: "device open [read|write]", "close", "again" (a
/// second open), "write TEXT", "writev TEXT...", "read SIZE", "poll". The descriptor is kept in
/// `device`.
[[nodiscard]] Reply device_call(Fd& device, const std::string& path, const Words& request);

} // namespace cachefiles::conformance
