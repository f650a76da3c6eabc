// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/bus/bus.hpp"

#include "daemon/bus/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace cachefiles::daemon::bus {
namespace {

using namespace std::chrono_literals;

/// Between two looks for a bus; and when the administration has said nothing of its own.
constexpr std::chrono::microseconds tick_interval = 2s;
/// Ticks between two tries on a bus that refuses us.
constexpr unsigned longest_delay = 30;
/// Ticks in which the bus takes nothing, until we connect anew. A bus holds what callers do not
/// read, up to some 100 MiB of one sender; then it takes nothing from it, for anybody.
constexpr unsigned longest_stall = 10;

// Answers to RequestName (D-Bus specification).
constexpr std::uint32_t primary_owner = 1;
constexpr std::uint32_t in_queue = 2;

} // namespace

/// What there is while there is a bus. Objects and calls end before their connection.
struct Bus::Attachment {
    Attachment(const Parts& parts, std::unique_ptr<sdbus::IConnection> to,
               std::function<void(std::string)> lost)
        : connection(parts.loop, std::move(to), std::move(lost)),
          driver(sdbus::createProxy(connection.get(), "org.freedesktop.DBus",
                                    "/org/freedesktop/DBus")),
          objects(parts, connection.get()) {}

    LoopConnection connection;
    std::unique_ptr<sdbus::IProxy> driver; ///< the bus itself
    Objects objects;
};

Bus::Bus(Parts parts) : parts_(std::move(parts)), connector_(parts_.loop) {
    if (parts_.administration != nullptr)
        parts_.administration->listen([this] { happened(); });
    parts_.loop.every(tick_interval, [this] { tick(); });
    tick();
}

Bus::~Bus() {
    if (parts_.administration != nullptr)
        parts_.administration->listen({});
}

void Bus::tick() {
    turn();
    guard([this] {
        end_stall();
        look_for_bus();
    });
}

void Bus::look_for_bus() {
    if (attachment_ || connector_.busy())
        return;
    if (!Connector::possible()) {
        wait_ = 0; // as soon as there is one
        delay_ = 0;
        if (told_.empty()) {
            told_ = "there is no system bus";
            parts_.log.info(told_ + "; the daemon works without, and looks for it");
        }
        return;
    }
    if (wait_ > 0) {
        --wait_;
        return;
    }
    connector_.start([this](Connector::Result result) { attach(std::move(result)); });
}

void Bus::end_stall() {
    if (!attachment_)
        return;
    const LoopConnection::Backlog now = attachment_->connection.backlog();
    stalled_ = now.any() && now == backlog_ ? stalled_ + 1 : 0;
    backlog_ = now;
    if (stalled_ < longest_stall)
        return;
    stalled_ = 0;
    detach("it takes nothing any more, since callers do not read their answers");
}

void Bus::retry_later() {
    delay_ = std::clamp(delay_ * 2, 1U, longest_delay);
    wait_ = delay_;
}

void Bus::attach(Connector::Result connection) {
    if (!connection) {
        detach(connection.error());
        return;
    }
    try {
        attachment_ = std::make_unique<Attachment>(
            parts_, std::move(*connection),
            [this](const std::string& why) { detach("the bus has gone: " + why); });
        request_name();
    } catch (const std::exception& error) {
        detach(error.what());
    }
}

/// Last, so that whoever sees the name finds the objects.
void Bus::request_name() {
    constexpr std::uint32_t flags = 0; // wait in the queue if it belongs to somebody
    attachment_->driver->callMethodAsync("RequestName")
        .onInterface("org.freedesktop.DBus")
        .withArguments(std::string(service_name), flags)
        .uponReplyInvoke([this](const sdbus::Error* error, std::uint32_t answer) {
            if (error == nullptr) {
                name_requested(answer);
                return;
            }
            parts_.loop.post([this, text = error->getMessage()] {
                detach(fmt::format("cannot have the name {}: {}", service_name, text));
            });
        });
}

void Bus::name_requested(std::uint32_t answer) {
    told_.clear();
    delay_ = 0;
    if (answer == in_queue)
        parts_.log.warning(fmt::format(
            "{} belongs to another process on the bus; this one has it afterwards", service_name));
    else if (answer == primary_owner)
        parts_.log.info(fmt::format("on the bus as {}", service_name));
}

void Bus::detach(const std::string& why) {
    attachment_.reset();
    retry_later();
    if (told_ == why)
        return;
    told_ = why;
    parts_.log.warning("not on D-Bus: " + why + "; the daemon works without, and tries again");
}

void Bus::happened() {
    if (!turn_posted_.exchange(true))
        parts_.loop.post([this] { turn(); });
}

void Bus::turn() {
    turn_posted_ = false;
    guard([this] {
        if (attachment_ && !attachment_->connection.congested())
            attachment_->objects.turn();
        if (!attachment_ && parts_.administration != nullptr)
            static_cast<void>(parts_.administration->events()); // nobody listens
    });
}

/// An exception would end the loop, and the daemon.
void Bus::guard(const std::function<void()>& what) {
    try {
        what();
    } catch (const std::exception& error) {
        parts_.log.error(fmt::format("D-Bus: {}", error.what()));
    } catch (...) {
        parts_.log.error("D-Bus: an unknown exception");
    }
}

} // namespace cachefiles::daemon::bus
