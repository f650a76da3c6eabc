// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "daemon/admin/in_use_source.hpp"
#include "daemon/admin/job_control.hpp"
#include "index/index.hpp"

#include <optional>
#include <string>

namespace cachefiles::daemon::admin {

/// Writes every object (of the volume of that key) as a line of JSON into `output`, least recently
/// used first, and closes it. A reader that goes away cancels it. One that takes nothing holds up
/// nothing but this job; after a while it fails, if others wait for it to end.
[[nodiscard]] JobWork dump_work(index::Index& index, InUseSource in_use,
                                std::optional<std::string> volume, Fd output);

} // namespace cachefiles::daemon::admin
