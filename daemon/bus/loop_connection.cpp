// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/bus/loop_connection.hpp"

#include "base/error.hpp"
#include "daemon/bus/raw_message.hpp"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

namespace cachefiles::daemon::bus {
namespace {

/// Messages that may wait for the bus to take them; one can have a megabyte.
constexpr std::uint64_t most_queued = 8;

void check(int result, const char* what) {
    if (result < 0)
        throw SystemError(what, -result);
}

sd_bus* bus_of(sdbus::IConnection& connection) {
    const std::unique_ptr<sdbus::IProxy> proxy =
        sdbus::createProxy(connection, "org.freedesktop.DBus", "/org/freedesktop/DBus");
    const sdbus::MethodCall call = proxy->createMethodCall("org.freedesktop.DBus", "GetId");
    return sd_bus_message_get_bus(RawMessage::of(call));
}

} // namespace

LoopConnection::LoopConnection(EventLoop& loop, std::unique_ptr<sdbus::IConnection> connection,
                               std::function<void(std::string)> lost)
    : loop_(loop), connection_(std::move(connection)), bus_(bus_of(*connection_)),
      lost_(std::move(lost)), fd_(connection_->getEventLoopPollData().fd) {
    const auto ready = [](sd_event_source*, int, std::uint32_t events, void* data) {
        auto* self = static_cast<LoopConnection*>(data);
        self->written_ += (events & EPOLLOUT) != 0 ? 1 : 0;
        self->process();
        return 0;
    };
    const auto due = [](sd_event_source*, std::uint64_t, void* data) {
        static_cast<LoopConnection*>(data)->process();
        return 0;
    };
    const auto before_poll = [](sd_event_source*, void* data) {
        static_cast<LoopConnection*>(data)->prepare();
        return 0;
    };
    check(sd_event_add_io(loop.handle(), &input_, fd_, 0, ready, this), "cannot watch the bus");
    check(sd_event_add_time(loop.handle(), &timer_, CLOCK_MONOTONIC, 0, 0, due, this),
          "cannot make a timer");
    sd_event_source_set_enabled(timer_, SD_EVENT_OFF);
    check(sd_event_source_set_prepare(input_, before_poll), "cannot watch the bus");
}

LoopConnection::~LoopConnection() {
    *alive_ = false;
    sd_event_source_disable_unref(input_);
    sd_event_source_disable_unref(timer_);
}

std::uint64_t LoopConnection::queued() const {
    std::uint64_t count = 0;
    return sd_bus_get_n_queued_write(bus_, &count) >= 0 ? count : 0;
}

LoopConnection::Backlog LoopConnection::backlog() const {
    Backlog backlog{.messages = queued(), .written = written_};
    if (ioctl(fd_, SIOCOUTQ, &backlog.unread) != 0)
        backlog.unread = 0;
    return backlog;
}

bool LoopConnection::congested() const {
    return queued() > most_queued;
}

/// What the connection waits for changes with every message.
void LoopConnection::prepare() noexcept {
    try {
        const sdbus::IConnection::PollData wanted = connection_->getEventLoopPollData();
        if (congested()) {
            // As soon as the bus takes something, process() writes, and reads nothing.
            sd_event_source_set_io_events(input_, EPOLLOUT);
            sd_event_source_set_enabled(timer_, SD_EVENT_OFF);
            return;
        }
        const std::uint32_t events = ((wanted.events & POLLIN) != 0 ? EPOLLIN : 0U) |
                                     ((wanted.events & POLLOUT) != 0 ? EPOLLOUT : 0U);
        sd_event_source_set_io_events(input_, events);
        const bool timed = wanted.timeout_usec != UINT64_MAX;
        if (timed)
            sd_event_source_set_time(timer_, wanted.timeout_usec);
        sd_event_source_set_enabled(timer_, timed ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
    } catch (const std::exception& error) {
        fail(error.what());
    }
}

/// One message at a time: what else the loop has to do comes in between.
void LoopConnection::process() noexcept {
    try {
        connection_->processPendingRequest();
    } catch (const std::exception& error) {
        fail(error.what());
    } catch (...) {
        fail("an unknown exception");
    }
}

void LoopConnection::fail(std::string why) noexcept {
    sd_event_source_set_enabled(input_, SD_EVENT_OFF);
    sd_event_source_set_enabled(timer_, SD_EVENT_OFF);
    try {
        loop_.post([this, alive = alive_, text = std::move(why)] {
            if (*alive)
                lost_(text);
        });
    } catch (const std::exception&) { // NOLINT(bugprone-empty-catch)
        // No memory for that: the sources are off, the service is not reachable any more.
    }
}

} // namespace cachefiles::daemon::bus
