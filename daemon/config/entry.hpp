// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/config/diagnostic.hpp"
#include "daemon/config/origin.hpp"

#include <string>
#include <vector>

namespace cachefiles::daemon {

/// One node of a configuration file, whatever its format. A mapping and a list come before what
/// is in them.
struct Entry {
    enum class Kind {
        scalar,
        null, ///< "key:", "key: ~"
        mapping,
        list,
    };

    std::string path; ///< "limits", "limits.brun", "volumes[0].match"
    Kind kind = Kind::scalar;
    std::string text; ///< of a scalar, without quotes
    Origin origin;
    Position key; ///< of the key, for what is wrong with it
};

/// What a file says.
struct SourceText {
    std::vector<Entry> entries; ///< in the order of the file
    Diagnostics errors;
    Diagnostics notices;
    bool complete = true; ///< false: an error has hidden the rest of the file
};

} // namespace cachefiles::daemon
