// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/bus/connector.hpp"
#include "daemon/bus/loop_connection.hpp"
#include "daemon/bus/objects.hpp"
#include "daemon/bus/parts.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace cachefiles::daemon::bus {

/// The service org.cachefiles1 on the system bus. It attaches when there is a bus, and anew when
/// that was restarted; the daemon does not depend on it. Lives in the loop's thread, never blocks
/// it and lets no exception into it. End the loop before this.
class Bus final {
public:
    explicit Bus(Parts parts);
    ~Bus();
    Bus(const Bus&) = delete;
    Bus& operator=(const Bus&) = delete;

private:
    struct Attachment;

    void tick();
    void look_for_bus();
    void attach(Connector::Result connection);
    void request_name();
    void name_requested(std::uint32_t answer);
    void detach(const std::string& why);
    /// From any thread.
    void happened();
    void turn();
    void guard(const std::function<void()>& what);
    void retry_later();
    void end_stall();

    Parts parts_;
    Connector connector_;
    std::unique_ptr<Attachment> attachment_;
    std::atomic<bool> turn_posted_ = false;
    unsigned wait_ = 0;               ///< ticks until the next try
    unsigned delay_ = 0;              ///< and after that
    LoopConnection::Backlog backlog_; ///< at the last tick
    unsigned stalled_ = 0;            ///< ticks since the bus took something
    std::string told_;                ///< the trouble that is in the log
};

} // namespace cachefiles::daemon::bus
