// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

/// Whose a volume is: an attribute of its directory has the uid of the user who made it, so that
/// it goes with the directory, and outlives the index. One without it is root's, as all are that
/// the driver made; one that was never finished is nobody's.
namespace cachefiles::cache::store {

inline constexpr const char* owner_xattr = "user.CacheFiles.owner";

/// Whether the user may have the volume of an open directory.
[[nodiscard]] bool may_use(int directory, std::uint32_t user);

/// Before the directory gets its coherency data. 0; otherwise -1, with errno.
[[nodiscard]] int set_owner(int directory, std::uint32_t user);

} // namespace cachefiles::cache::store
