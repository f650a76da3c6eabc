// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "cache/driver/caller.hpp"
#include "cache/driver/limits.hpp"
#include "cache/store/space_check.hpp"
#include "protocol/limit_window.hpp"

#include <expected>
#include <string>

/// The checks of `bind` that concern the directory (command protocol, section 3.3, numbers 8 to
/// 14), as far as a process can make them: DIFFERENCES.md. Errors are the errno of the command.
namespace cachefiles::cache::driver {

/// Looks the path up as the caller would, in its root and working directory; a symbolic link at the
/// end is followed only before a slash. O_PATH.
[[nodiscard]] std::expected<Fd, int> find_directory(const std::string& path, const Caller& caller);

/// Whether the file system can hold a cache.
[[nodiscard]] int check_file_system(int directory);

/// The watermarks, from statfs(2).
[[nodiscard]] std::expected<AbsoluteLimits, int> absolute_limits(int directory,
                                                                 const protocol::Limits& percent);

/// Finds or makes cache/ and graveyard/, each of which needs an inode.
[[nodiscard]] int make_parts(int directory, const store::SpaceCheck& space);

} // namespace cachefiles::cache::driver
