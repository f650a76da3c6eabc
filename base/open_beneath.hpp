// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"

namespace cachefiles {

/// Opens `path` below the directory `directory`, close-on-exec: never above it, never through a
/// symbolic link, never on another mount (openat2(2), Linux 5.6). On failure the descriptor is
/// empty and errno says why: EXDEV for a way out, ELOOP for a symbolic link.
[[nodiscard]] Fd open_beneath(int directory, const char* path, int flags) noexcept;

} // namespace cachefiles
