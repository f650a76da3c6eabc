// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/stat.h>

#include <expected>

namespace cachefiles::mount {

using Attributes = struct statx;

/// Of an open file (O_PATH will do), or of a name in a directory, a symbolic link not followed. A
/// network file system asks its server, whatever it has cached (AT_STATX_FORCE_SYNC): that is what
/// open-to-close consistency rests on. The error is an errno.
[[nodiscard]] std::expected<Attributes, int> attributes_of(int file);
[[nodiscard]] std::expected<Attributes, int> attributes_of(int directory, const char* name);

/// As the kernel wants to have them.
[[nodiscard]] struct stat stat_of(const Attributes& attributes);

} // namespace cachefiles::mount
