// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/driver/caller.hpp"

#include <sys/types.h>

#include <string_view>

namespace cachefiles::daemon::user {

/// What the command needs of the thread that gives it, as it is at this moment: the thread waits
/// for its answer, so it is still there. Another's working directory may be asked for with
/// CAP_SYS_PTRACE only, if that one has more privileges; 0, a thread of another PID namespace, has
/// none.
[[nodiscard]] cache::driver::Caller caller_of(pid_t thread, std::string_view command);

} // namespace cachefiles::daemon::user
