// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/verb.hpp"

#include <string>

namespace cachefiles::ctl {

/// What there is: verbs and options.
[[nodiscard]] std::string help();
/// Of one verb.
[[nodiscard]] std::string help(const Verb& verb);

} // namespace cachefiles::ctl
