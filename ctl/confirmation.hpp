// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/context.hpp"

#include <string>

namespace cachefiles::ctl {

/// Returns if `yes` (--yes) or if somebody at a terminal agrees to the question. Errors: Failure:
/// usage where nobody can be asked.
void confirm(const Context& context, bool yes, const std::string& question);

} // namespace cachefiles::ctl
