// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/json.hpp"
#include "ctl/snapshot.hpp"
#include "ctl/text/style.hpp"

#include <string>

namespace cachefiles::ctl {

/// All that is known of an object, with its content map drawn.
[[nodiscard]] std::string object_view(const ObjectDetails& details, const CacheValues& cache,
                                      std::uint64_t now_usec, const Style& style);
[[nodiscard]] Json object_json(const ObjectDetails& details, const CacheValues& cache);

} // namespace cachefiles::ctl
