// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/snapshot.hpp"
#include "ctl/text/style.hpp"

#include <string>
#include <string_view>

namespace cachefiles::ctl {

/// "Label     text", one line that fits the terminal.
[[nodiscard]] std::string labelled(std::string_view label, std::string_view text,
                                   const Style& style);

/// "online, culling (max-size)"
[[nodiscard]] std::string state_text(const CacheValues& cache);

/// "max-size 1.0 TiB, max-age 30d"
[[nodiscard]] std::string limits_text(const LimitValues& limits);

/// A bar, and how full the cache is in terms of its nearest limit.
[[nodiscard]] std::string fullness_view(const CacheValues& cache, const Style& style);

/// What matters of one cache, in lines with labels.
[[nodiscard]] std::string cache_view(const Snapshot& snapshot, const CacheValues& cache,
                                     const Style& style);

} // namespace cachefiles::ctl
