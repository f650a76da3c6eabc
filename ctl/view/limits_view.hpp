// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/snapshot.hpp"
#include "ctl/text/style.hpp"

#include <string>

namespace cachefiles::ctl {

/// Every limit, what is set, and how full the cache is by it.
[[nodiscard]] std::string limits_view(const CacheValues& cache, const Style& style);

} // namespace cachefiles::ctl
