// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cachefiles::ctl::doctor {

/// What was looked at, what came out, and what to do about it.
struct Finding {
    enum class Level {
        good,
        note,    ///< to know
        warning, ///< works, but less well than it should
        error,   ///< does not work
    };
    Level level = Level::good;
    std::string subject; ///< "module", "device", ...
    std::string text;
    std::string remedy; ///< empty for what is good
};

using Findings = std::vector<Finding>;

[[nodiscard]] constexpr std::string_view to_string(Finding::Level level) {
    switch (level) {
    case Finding::Level::good:
        break;
    case Finding::Level::note:
        return "note";
    case Finding::Level::warning:
        return "warning";
    case Finding::Level::error:
        return "error";
    }
    return "good";
}

} // namespace cachefiles::ctl::doctor
