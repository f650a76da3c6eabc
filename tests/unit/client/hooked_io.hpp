// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>

namespace cachefiles::tests {

/// The library's next pread() or pwrite(): called instead of it once, in the thread that calls it.
/// Nothing: it is then done as usual. The test program is linked so that they come by here.
using IoHook = std::function<std::optional<ssize_t>()>;
void hook_next_pread(IoHook hook);
void hook_next_pwrite(IoHook hook);

} // namespace cachefiles::tests
