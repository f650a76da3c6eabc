// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/json.hpp"
#include "ctl/snapshot.hpp"
#include "ctl/text/style.hpp"

#include <string>

namespace cachefiles::ctl {

/// A frame of `top`, `style.height` lines at most: the verdict, each limit as a bar, rates since
/// `before` (null: there is none yet), jobs, and the largest volumes with what they gained.
[[nodiscard]] std::string top_view(const Snapshot& now, const Snapshot* before, const Style& style);
/// The state as `status` has it, and `rates`: per second, by name, null in the first frame.
[[nodiscard]] Json top_json(const Snapshot& now, const Snapshot* before);

} // namespace cachefiles::ctl
