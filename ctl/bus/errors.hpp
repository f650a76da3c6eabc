// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/failure.hpp"

#include <sdbus-c++/Error.h>

#include <string_view>

namespace cachefiles::ctl {

/// What an error on the bus means for a person: "WHAT: why; what to do".
[[nodiscard]] Failure to_failure(std::string_view what, const sdbus::Error& error);

/// Calls it, and turns what the bus says against it into a Failure.
template<typename Call>
auto attempt(std::string_view what, Call call) {
    try {
        return call();
    } catch (const sdbus::Error& error) {
        throw to_failure(what, error);
    }
}

} // namespace cachefiles::ctl
