// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/config/origin.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cachefiles::daemon {

/// Something to say about the configuration: an error, or a notice.
struct Diagnostic {
    std::string source; ///< the file (or option); empty: about none in particular
    Position at;
    std::string text; ///< "limits.brun: 120%: must be less than 100%"

    /// "/etc/cachefilesd.yaml:3:9: limits.brun: 120%: must be less than 100%"
    [[nodiscard]] std::string to_string() const;
};

using Diagnostics = std::vector<Diagnostic>;

/// A value as it may be shown on a terminal and in the journal: without control characters
/// ("\x1b"), no longer than some 80 bytes, and visible if it is empty ("").
[[nodiscard]] std::string printable(std::string_view text);

} // namespace cachefiles::daemon
