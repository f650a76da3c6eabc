// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace cachefiles::cache::store {

/// "process 123 (name)": who holds the flock(2) on this file, from /proc/locks; "another process"
/// if that does not tell (another PID namespace, no /proc).
[[nodiscard]] std::string lock_holder(int fd);

} // namespace cachefiles::cache::store
