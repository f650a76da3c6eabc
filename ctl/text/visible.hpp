// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace cachefiles::ctl {

/// Text as it may be shown on a terminal: control characters as \xHH.
[[nodiscard]] std::string visible(std::string_view text);

} // namespace cachefiles::ctl
