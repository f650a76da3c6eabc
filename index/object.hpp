// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "index/ids.hpp"

#include <cstdint>
#include <string>

namespace cachefiles::index {

/// What the index believes about an object; only idle ones are offered to the culler.
enum class ObjectState : std::uint8_t {
    idle = 0,   ///< nobody uses it as far as we know; the driver may still say EBUSY
    in_use = 1, ///< the driver holds it (S_KERNEL_FILE); idle again when it lets go
};

struct Attributes {
    std::uint64_t bytes = 0; ///< disk space: st_blocks * 512
    Seconds last_use = 0;
    ObjectState state = ObjectState::idle;

    bool operator==(const Attributes&) const = default;
};

struct Object {
    ObjectId id;
    std::string name; ///< file name in its fan-out directory, any bytes but '/' and NUL
    Attributes attributes;

    bool operator==(const Object&) const = default;
};

struct Totals {
    std::uint64_t objects = 0;
    std::uint64_t bytes = 0;
    std::uint64_t in_use = 0; ///< objects in state in_use, part of `objects`

    bool operator==(const Totals&) const = default;
};

struct Volume {
    VolumeId id = 0;
    std::string
        key; ///< volume key as the netfs chose it: the directory's name without its leading 'I'
    Totals totals{};
    /// No object of the volume was used later than this. May be too late, never too early.
    Seconds newest_use = 0;
    /// It has a pin (Index::pin); a rule may pin others.
    bool pinned = false;
};

} // namespace cachefiles::index
