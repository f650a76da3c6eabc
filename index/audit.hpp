// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/delta.hpp"
#include "index/ids.hpp"

#include <cstdint>
#include <map>

namespace cachefiles::index {

/// Totals recomputed row by row while others go on changing rows: a change to a row that the audit
/// has passed is applied here as well, one ahead of it will be met. So at any time the sums are
/// true for the rows up to `position`.
class Audit final {
public:
    void charge(ObjectId id, const Delta& delta) {
        if (id.value() <= position_)
            sums_[id.volume()] += delta;
    }
    /// The next row in id order.
    void count(ObjectId id, const Delta& row) {
        position_ = id.value();
        sums_[id.volume()] += row;
    }

    [[nodiscard]] std::int64_t position() const { return position_; }
    [[nodiscard]] const std::map<VolumeId, Totals>& sums() const { return sums_; }

private:
    std::int64_t position_ = 0;
    std::map<VolumeId, Totals> sums_;
};

} // namespace cachefiles::index
