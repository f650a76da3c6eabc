// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/json.hpp"
#include "ctl/local/tree_sum.hpp"
#include "ctl/local/warmer.hpp"
#include "ctl/text/style.hpp"

#include <string>

namespace cachefiles::ctl {

/// How far the warming of trees came, against what was found in them before.
struct WarmValues {
    TreeSum found;
    WarmCount count;
    double seconds = 0;    ///< since the reading began
    double per_second = 0; ///< bytes, of late
    bool canceled = false;
};

/// "45%, 3.4 GiB of 7.5 GiB, 120 files, 104.0 MiB/s, 5min left"
[[nodiscard]] std::string warm_text(const WarmValues& values);
/// The same with a bar in front of it, as long as the terminal is wide.
[[nodiscard]] std::string warm_progress(const WarmValues& values, const Style& style);

/// What came of it, for people: one line.
[[nodiscard]] std::string warm_result(const WarmValues& values);
/// What would be read, for people: one line.
[[nodiscard]] std::string warm_plan(const TreeSum& found);
[[nodiscard]] Json warm_json(const WarmValues& values, bool dry_run);

} // namespace cachefiles::ctl
