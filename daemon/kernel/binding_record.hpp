// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "cull/limits.hpp"
#include "daemon/config/config.hpp"

#include <string>

namespace cachefiles::daemon {

/// What a device was bound with. The driver cannot be asked, so this is kept beside the device's
/// descriptor in the service manager's store, in a memory file.
[[nodiscard]] std::string binding_record(const CacheSettings& settings,
                                         const cull::Watermarks& watermarks);

/// Errors: SystemError.
[[nodiscard]] Fd make_binding_file(const std::string& record);

/// Empty if it cannot be read.
[[nodiscard]] std::string read_binding_file(int fd);

} // namespace cachefiles::daemon
