// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "protocol/verb.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace cachefiles::protocol {

/// The three watermarks of one resource, in percent of it that is free. Initially the driver's.
struct Window {
    std::uint64_t run = 7;  ///< culling ends
    std::uint64_t cull = 5; ///< culling begins
    std::uint64_t stop = 1; ///< nothing is allocated

    bool operator==(const Window&) const = default;
    [[nodiscard]] bool is_valid() const { return stop < cull && cull < run && run < 100; }
};

/// Both windows, as the driver keeps them while it is configured (command protocol, section 3.1).
struct Limits {
    Window files;  ///< frun, fcull, fstop: inodes
    Window blocks; ///< brun, bcull, bstop

    bool operator==(const Limits&) const = default;
    [[nodiscard]] bool is_valid() const { return files.is_valid() && blocks.is_valid(); }

    /// What the driver does with `VERB PERCENT%`: 0, or EINVAL and nothing changes. Each value is
    /// checked against its neighbours of that moment. The verb is one of the six.
    [[nodiscard]] int write(Verb verb, std::uint64_t percent);
};

struct LimitWrite {
    Verb verb{}; ///< one of the six
    std::uint64_t percent = 0;

    bool operator==(const LimitWrite&) const = default;
};

[[nodiscard]] bool is_limit(Verb verb);

/// The fewest writes that lead from one pair of windows to another, in an order in which the
/// driver accepts each; nothing if either pair is not valid. A driver just opened has Limits{}.
[[nodiscard]] std::optional<std::vector<LimitWrite>> limit_writes(const Limits& from,
                                                                  const Limits& to);

} // namespace cachefiles::protocol
