// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/doctor/finding.hpp"
#include "ctl/json.hpp"
#include "ctl/text/style.hpp"

#include <string>

namespace cachefiles::ctl {

/// A line for each, in the order in which they were found, with the remedy below it; the sum.
[[nodiscard]] std::string doctor_view(const doctor::Findings& findings, const Style& style);
[[nodiscard]] Json doctor_json(const doctor::Findings& findings);

/// Whether there is a warning or an error.
[[nodiscard]] bool any_wrong(const doctor::Findings& findings);

} // namespace cachefiles::ctl
