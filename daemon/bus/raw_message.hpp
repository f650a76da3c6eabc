// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sdbus-c++/Message.h>
#include <systemd/sd-bus.h>

namespace cachefiles::daemon::bus {

/// sd-bus's message behind one of sdbus-c++'s, for what sdbus-c++ 1.2 gives no access to. The
/// pointer is a protected member, which a derived class may name.
class RawMessage final : private sdbus::Message {
public:
    [[nodiscard]] static sd_bus_message* of(const sdbus::Message& message) {
        return static_cast<sd_bus_message*>(message.*(&RawMessage::msg_));
    }
};

} // namespace cachefiles::daemon::bus
