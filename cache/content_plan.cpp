// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/content.hpp"

#include <algorithm>

namespace cachefiles::cache {

using protocol::netfs::ReadPlan;
using protocol::netfs::ReadSource;

ReadPlan Content::plan_read(std::uint64_t start, std::uint64_t length) const {
    const std::lock_guard lock(mutex_);
    ReadPlan plan = protocol::netfs::plan_read(
        start, length, object_size_,
        [this](std::uint64_t from, bool present) { return next(present_, from, present); });
    if (!ended_ || plan.source == ReadSource::zero)
        return plan;
    return {ReadSource::download, start, std::min(length, object_size_ - start)};
}

} // namespace cachefiles::cache
