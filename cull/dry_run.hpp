// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cull/removal_request.hpp"
#include "index/index.hpp"

#include <cstdint>
#include <optional>

namespace cachefiles::cull {

/// Walks the order of culling, and adds up what a request would take from it. What is old and what
/// makes up the amounts are both the beginning of that order, so the longer one is what goes.
class DryRun final {
public:
    /// `request.everything` has become a time by now. `now` is what min_age counts from.
    DryRun(index::Index& index, const RemovalRequest& request, Seconds now);

    /// Some 65,000 objects. False: that was the end.
    [[nodiscard]] bool step();

    [[nodiscard]] std::uint64_t objects() const { return objects_; }
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

private:
    [[nodiscard]] bool takes(const index::Object& object) const;

    index::Index& index_;
    const RemovalRequest& request_;
    std::optional<Seconds> used_before_; ///< nothing goes that was used later
    index::RecencyCursor cursor_;
    std::uint64_t objects_ = 0, bytes_ = 0;
};

} // namespace cachefiles::cull
