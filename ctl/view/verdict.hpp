// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/snapshot.hpp"

#include <string>
#include <string_view>

namespace cachefiles::ctl {

/// Whether somebody has to get up, why, and what he does first.
struct Verdict {
    enum class Level { ok, attention, trouble };
    Level level = Level::ok;
    std::string why;  ///< one line
    std::string next; ///< one line
};

[[nodiscard]] std::string_view to_string(Verdict::Level level);

/// Of all caches the worst.
[[nodiscard]] Verdict judge(const Snapshot& snapshot);

} // namespace cachefiles::ctl
