// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/arguments.hpp"
#include "ctl/context.hpp"
#include "ctl/exit_status.hpp"

#include <functional>
#include <string>

namespace cachefiles::ctl {

/// What cull and purge have in common: asks (unless it is a rehearsal), begins the job, waits for
/// it unless --no-wait, and says what came of it. Options: dry-run, yes, no-wait.
[[nodiscard]] ExitStatus remove_objects(Context& context, const Arguments& arguments,
                                        const std::string& question,
                                        const std::function<std::string()>& begin);

/// "Removed 1,200 objects, 3.4 GiB; 5 are in use and stay."
[[nodiscard]] std::string removal_view(const JobValues& job, bool dry_run);

} // namespace cachefiles::ctl
