// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "client/cachefiles.h"

#include <string>

namespace cachefiles::campaign {

/// To a daemon that is about to listen there: waits for it. Errors: SystemError, of any other kind,
/// or when there is none after minutes.
[[nodiscard]] cachefiles_connection* connect_to(const std::string& socket);

} // namespace cachefiles::campaign
