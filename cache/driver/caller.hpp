// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"

namespace cachefiles::cache::driver {

/// Who gives a command, as far as it matters: the driver works in the directory of the task that
/// writes. Both may be O_PATH, and in another mount namespace than ours.
struct Caller {
    Fd directory; ///< its working directory; empty if that is not known
    Fd root;      ///< its root directory; empty: ours
};

} // namespace cachefiles::cache::driver
