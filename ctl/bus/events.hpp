// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/service.hpp"

#include <sdbus-c++/Message.h>

#include <optional>

namespace cachefiles::ctl {

/// What a signal of the daemon says; nothing for one that says nothing to a person.
[[nodiscard]] std::optional<Event> to_event(sdbus::Message& message);

} // namespace cachefiles::ctl
