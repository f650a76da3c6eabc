// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cachefiles::cull {

/// The driver's six watermarks, in per cent of the file system, with its defaults and its rule:
/// 0 <= stop < cull < run < 100, for blocks and for files each (command-protocol section 3.1).
struct Watermarks {
    struct Window {
        unsigned run = 7, cull = 5, stop = 1;
        bool operator==(const Window&) const = default;
        [[nodiscard]] bool valid() const { return stop < cull && cull < run && run < 100; }
    };
    Window blocks;
    Window files;
    bool operator==(const Watermarks&) const = default;
};

/// What a volume may be told apart from the others. `match` is a shell pattern (fnmatch(3), no
/// flags) over the volume key; of several rules that match a volume the first one holds.
struct VolumeRule {
    std::string match = {};
    bool pin = false; ///< never culled; its space still counts
    std::optional<std::uint64_t> max_size = {};
    std::optional<std::uint64_t> max_files = {};
    std::optional<Seconds> max_age = {};
    bool operator==(const VolumeRule&) const = default;
};

/// When to make room. Absent: no such limit.
struct Limits {
    Watermarks watermarks;
    std::optional<std::uint64_t> max_size;  ///< bytes that the cache may hold
    std::optional<std::uint64_t> max_files; ///< objects that the cache may hold
    std::optional<std::uint64_t> min_free;  ///< bytes that stay free on the file system
    std::optional<Seconds> max_age;         ///< what was not used for so long goes
    Seconds min_age = 0;                    ///< what was used within this time stays, come what may
    std::vector<VolumeRule> volumes;
    bool operator==(const Limits&) const = default;
};

} // namespace cachefiles::cull
