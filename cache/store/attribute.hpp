// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <expected>
#include <optional>
#include <string>

namespace cachefiles::cache::store {

/// An extended attribute of an open file, or nothing if there is none. One that is longer than any
/// of the cache can be comes back as bytes that are none either: too long as well. Errors: errno.
[[nodiscard]] std::expected<std::optional<std::string>, int> read_attribute(int fd,
                                                                            const char* name);

} // namespace cachefiles::cache::store
