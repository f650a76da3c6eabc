// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace cachefiles {

/// A field of /proc/self/mountinfo (proc(5)) as it is: blanks and the like stand there as "\040".
[[nodiscard]] std::string mount_text(std::string_view field);

} // namespace cachefiles
