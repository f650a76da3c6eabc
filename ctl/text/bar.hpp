// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/text/style.hpp"

#include <string>

namespace cachefiles::ctl {

/// "[######----]", with blocks where there is UTF-8: `width` columns in all, of which the part
/// `fraction` (0 to 1) is full. What is not nothing shows, and what is not all leaves room.
[[nodiscard]] std::string bar(double fraction, unsigned width, const Style& style);

/// The same without a frame and without what is left: for histograms. "" for 0.
[[nodiscard]] std::string stripe(double fraction, unsigned width, const Style& style);

} // namespace cachefiles::ctl
