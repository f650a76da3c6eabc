// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>

namespace cachefiles {

/// In how many pieces a file lies on the disk (FIEMAP); what was written a moment ago may not be in
/// one yet. Nothing where the file system does not tell.
[[nodiscard]] std::optional<std::uint64_t> count_extents(int file) noexcept;

} // namespace cachefiles
