// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/bus/connector.hpp"
#include "daemon/bus/loop_connection.hpp"
#include "daemon/bus/objects.hpp"
#include "daemon/bus/parts.hpp"

#include <atomic>
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
    void attach(Connector::Result connection);
    void request_name();
    void name_requested(std::uint32_t answer);
    void detach(const std::string& why);
    /// From any thread.
    void happened();
    void turn();
    void retry_later();

    Parts parts_;
    Connector connector_;
    std::unique_ptr<Attachment> attachment_;
    std::atomic<bool> turn_posted_ = false;
    unsigned wait_ = 0;  ///< ticks until the next try
    unsigned delay_ = 0; ///< and after that
    std::string told_;   ///< the trouble that is in the log
};

} // namespace cachefiles::daemon::bus
