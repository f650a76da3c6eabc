// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/json.hpp"

namespace cachefiles::ctl {

[[nodiscard]] Json status_json(const Snapshot& snapshot);

} // namespace cachefiles::ctl
