// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/system/event_loop.hpp"

#include <sdbus-c++/sdbus-c++.h>

#include <expected>
#include <functional>
#include <memory>
#include <string>

namespace cachefiles::daemon::bus {

/// Connects to the system bus (or to DBUS_SYSTEM_BUS_ADDRESS) in a thread: sdbus-c++ waits for the
/// bus to authenticate us, and a bus that hangs must not hold up the loop. Belongs to the loop's
/// thread.
class Connector final {
public:
    using Result = std::expected<std::unique_ptr<sdbus::IConnection>, std::string>;

    explicit Connector(EventLoop& loop) : loop_(loop) {}
    ~Connector();
    Connector(const Connector&) = delete;
    Connector& operator=(const Connector&) = delete;

    /// Whether there is a socket to connect to.
    [[nodiscard]] static bool possible();
    /// `done` is called from the loop. Not while busy().
    void start(std::function<void(Result)> done);
    [[nodiscard]] bool busy() const { return attempt_ != nullptr; }

private:
    struct Attempt;

    EventLoop& loop_;
    std::shared_ptr<Attempt> attempt_;
};

} // namespace cachefiles::daemon::bus
