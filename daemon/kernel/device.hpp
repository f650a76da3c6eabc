// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "protocol/state_line.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace cachefiles::daemon {

/// /dev/cachefiles, as far as we use it (command-protocol.md). One thread at a time.
class Device {
public:
    virtual ~Device() = default;

    /// Sends one command; 0 or the driver's errno. `cull` and `inuse` act on the working directory
    /// of the calling thread.
    [[nodiscard]] virtual int command(std::string_view bytes) = 0;

    /// Asks for the state. It also makes the driver look at its free space: nothing else does so
    /// while the cache is idle. Nothing before `bind` and when the answer is not understood.
    [[nodiscard]] virtual std::optional<protocol::StateLine> state() = 0;

    /// For poll(2): POLLIN when objects were released or culling began or ended.
    [[nodiscard]] virtual int descriptor() const = 0;

    /// False once the driver has given up the cache after an I/O error. Nothing but closing and
    /// opening helps then. The driver does not signal it: ask.
    [[nodiscard]] bool alive();
};

} // namespace cachefiles::daemon
