// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/fd.hpp"

#include <expected>
#include <string>

namespace cachefiles::client {

/// A SOCK_SEQPACKET socket that is connected to `path`, and does not block; or an errno. Does not
/// wait: a daemon whose queue of connections is full is EAGAIN.
[[nodiscard]] std::expected<Fd, int> dial(const std::string& path);
/// 0, EINVAL or ENAMETOOLONG: no socket can have that path.
[[nodiscard]] int check_path(const std::string& path);

} // namespace cachefiles::client
