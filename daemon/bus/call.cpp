// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/bus/call.hpp"

#include "daemon/bus/raw_message.hpp"

#include <exception>

namespace cachefiles::daemon::bus {

bool Call::interactive() const {
    return sd_bus_message_get_allow_interactive_authorization(RawMessage::of(message_)) > 0;
}

void Call::fail(const sdbus::Error& error) const noexcept {
    try {
        message_.createErrorReply(error).send();
    } catch (const std::exception&) { // NOLINT(bugprone-empty-catch)
        // Nobody can be told. The connection's end is seen elsewhere.
    }
}

} // namespace cachefiles::daemon::bus
