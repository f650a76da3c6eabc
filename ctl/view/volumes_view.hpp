// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/snapshot.hpp"
#include "ctl/text/style.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cachefiles::ctl {

enum class VolumeOrder { size, objects, used, name };

/// Largest, or last used, first.
[[nodiscard]] std::vector<VolumeValues> sorted(std::vector<VolumeValues> volumes,
                                               VolumeOrder order);

/// A table, with headings, of at most so many of them (0: all).
[[nodiscard]] std::string volumes_view(const std::vector<VolumeValues>& volumes,
                                       std::uint64_t now_usec, std::size_t most,
                                       const Style& style);

} // namespace cachefiles::ctl
