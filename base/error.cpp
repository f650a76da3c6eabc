// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/error.hpp"

#include <system_error>

namespace cachefiles {

SystemError::SystemError(std::string_view context, int error)
    : std::runtime_error(std::string(context) + ": " + errno_text(error)), error_(error) {}

std::string errno_text(int error) {
    return std::generic_category().message(error);
}

} // namespace cachefiles
