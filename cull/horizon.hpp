// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/index.hpp"

#include <functional>
#include <optional>

namespace cachefiles::cull {

/// Where in the recency order `bytes` and `objects` are reached, by walking it from `query.after`
/// in pages of `query.limit`: every object used before the returned time is among the oldest that
/// make up these amounts. INT64_MAX when all of them together do no more than that. Walks no
/// further than `latest`, which is then the answer. Nothing if `go_on` said no between pages.
[[nodiscard]] std::optional<Seconds> find_horizon(index::Index& index, index::OldestQuery query,
                                                  std::uint64_t bytes, std::uint64_t objects,
                                                  Seconds latest,
                                                  const std::function<bool()>& go_on);

} // namespace cachefiles::cull
