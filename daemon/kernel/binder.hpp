// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cull/limits.hpp"
#include "daemon/config/config.hpp"
#include "daemon/kernel/device.hpp"

namespace cachefiles::daemon {

/// Configures a device that was just opened, and binds it: limits in an order in which the driver
/// accepts each, then secctx, debug, directory, tag, bind. Afterwards the cache is online.
/// Errors: SystemError, which names the command, its value and, where known, the cause
/// (command-protocol.md section 3.3). The device is of no use then: close it.
void bind_cache(Device& device, const CacheSettings& settings, const cull::Watermarks& watermarks);

} // namespace cachefiles::daemon
