// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/system/event_loop.hpp"

#include <sdbus-c++/sdbus-c++.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace cachefiles::daemon::bus {

/// A connection that is served by the main loop; sdbus-c++ 1.2 has no such thing of its own.
/// Belongs to the loop's thread.
///
/// A bus that takes nothing (because the clients do not read what it holds for them) is not read
/// either: what waits here stays bounded, and callers are told by the bus that they have to wait.
class LoopConnection final {
public:
    /// `lost` is called from the loop, once, when the bus is gone; it may destroy this object.
    LoopConnection(EventLoop& loop, std::unique_ptr<sdbus::IConnection> connection,
                   std::function<void(std::string why)> lost);
    ~LoopConnection();
    LoopConnection(const LoopConnection&) = delete;
    LoopConnection& operator=(const LoopConnection&) = delete;

    struct Backlog {
        std::uint64_t messages = 0; ///< that wait here
        std::uint64_t written = 0;  ///< how often some of them could be written
        int unread = 0;             ///< bytes in the socket
        bool operator==(const Backlog&) const = default;
        [[nodiscard]] bool any() const { return messages > 0 || unread > 0; }
    };

    [[nodiscard]] sdbus::IConnection& get() { return *connection_; }
    /// So much waits for the bus that nothing should be added which nobody has asked for.
    [[nodiscard]] bool congested() const;
    /// What the bus has not taken yet. The same twice, and any(): it took nothing meanwhile.
    [[nodiscard]] Backlog backlog() const;

private:
    [[nodiscard]] std::uint64_t queued() const;
    void prepare() noexcept;
    void process() noexcept;
    void fail(std::string why) noexcept;

    EventLoop& loop_;
    std::unique_ptr<sdbus::IConnection> connection_;
    sd_bus* bus_; ///< the connection's
    std::function<void(std::string)> lost_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    int fd_ = -1; ///< the connection's
    std::uint64_t written_ = 0;
    sd_event_source* input_ = nullptr;
    sd_event_source* timer_ = nullptr;
};

} // namespace cachefiles::daemon::bus
