// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/snapshot.hpp"
#include "ctl/text/style.hpp"
#include "ctl/view/verdict.hpp"

#include <string>

namespace cachefiles::ctl {

/// The two lines that everything begins with: the verdict, and the next step.
[[nodiscard]] std::string verdict_view(const Verdict& verdict, const Style& style);

/// One screen, 80 by 24 at most if that is the terminal: the verdict; of one cache all that
/// matters, of several a line each and the worst verdict; the largest volumes; jobs.
[[nodiscard]] std::string status_view(const Snapshot& snapshot, const Style& style);

} // namespace cachefiles::ctl
