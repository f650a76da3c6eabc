// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace cachefiles::ctl {

/// What somebody calls an object.
struct ObjectName {
    std::string volume; ///< its key; empty: `name` is "#NUMBER"
    std::string name;   ///< bytes
};

/// "123" or "#123"; "VOLUME/NAME"; or a path of the cache's tree, whole or in part:
/// ".../cache/IVOLUME/@7f/NAME". Keys and names as they are printed (escape.hpp).
/// Errors: Failure (usage).
[[nodiscard]] ObjectName read_object_name(const std::string& text);

} // namespace cachefiles::ctl
