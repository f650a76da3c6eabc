// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/object.hpp"

#include <cstdint>

namespace cachefiles::index {

/// By how much totals change.
struct Delta {
    std::int64_t objects = 0;
    std::int64_t bytes = 0;
    std::int64_t in_use = 0;

    [[nodiscard]] static Delta of(const Attributes& attributes) {
        return {1, static_cast<std::int64_t>(attributes.bytes),
                attributes.state == ObjectState::idle ? 0 : 1};
    }
    [[nodiscard]] static Delta of(const Totals& totals) {
        return {static_cast<std::int64_t>(totals.objects), static_cast<std::int64_t>(totals.bytes),
                static_cast<std::int64_t>(totals.in_use)};
    }
    Delta operator-() const { return {-objects, -bytes, -in_use}; }
    Delta operator-(const Delta& other) const {
        return {objects - other.objects, bytes - other.bytes, in_use - other.in_use};
    }
    Delta& operator+=(const Delta& other) {
        objects += other.objects;
        bytes += other.bytes;
        in_use += other.in_use;
        return *this;
    }
    bool operator==(const Delta&) const = default;
};

/// Modulo 2^64, so that a sequence of deltas ends right whatever its order.
inline Totals& operator+=(Totals& totals, const Delta& delta) {
    totals.objects += static_cast<std::uint64_t>(delta.objects);
    totals.bytes += static_cast<std::uint64_t>(delta.bytes);
    totals.in_use += static_cast<std::uint64_t>(delta.in_use);
    return totals;
}

} // namespace cachefiles::index
