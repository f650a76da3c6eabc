// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <compare>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cachefiles::daemon {

/// A place in a file, both counted from 1 (columns in bytes). 0: no such place.
struct Position {
    unsigned line = 0;
    unsigned column = 0;
    auto operator<=>(const Position&) const = default;
};

/// Where a value comes from.
struct Origin {
    std::string source = "default"; ///< a file, "option -N", "environment STATE_DIRECTORY"
    Position at;                    ///< of the value, in a file
    std::string name;               ///< what the key is called there; empty: as in the schema
    bool operator==(const Origin&) const = default;

    [[nodiscard]] bool is_default() const { return source == "default"; }
    /// "/etc/cachefilesd.yaml:3", "default", "option -N".
    [[nodiscard]] std::string text() const;
};

using OriginMap = std::map<std::string, Origin, std::less<>>;

/// The origin of every value that is not at its default.
struct Origins {
    OriginMap values;               ///< by key path ("limits.brun")
    std::vector<OriginMap> volumes; ///< one for each of Limits::volumes, by key ("match")

    /// The origin of a key; the default one for what was not set.
    [[nodiscard]] const Origin& of(std::string_view path) const;
};

} // namespace cachefiles::daemon
