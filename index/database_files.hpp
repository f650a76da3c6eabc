// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <filesystem>

namespace cachefiles::index {

/// Bytes of the write-ahead log that belongs to the database; 0 if there is none.
[[nodiscard]] std::uint64_t wal_size(const std::filesystem::path& database);

/// Renames the database and what belongs to it to PATH.corrupt-NOW, and deletes what an earlier
/// call left: one such is enough to find out what happened, and each may be large. Only files are
/// deleted, never a directory that somebody put in the database's place.
/// Returns the new name. Errors: SystemError.
std::filesystem::path move_aside(const std::filesystem::path& database, Seconds now);

} // namespace cachefiles::index
