// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/bus/connector.hpp"

#include <unistd.h>

#include <cstdlib>
#include <mutex>
#include <string_view>
#include <thread>

namespace cachefiles::daemon::bus {
namespace {

constexpr const char* default_socket = "/run/dbus/system_bus_socket";

Connector::Result connect() {
    try {
        return sdbus::createSystemBusConnection();
    } catch (const std::exception& error) {
        return std::unexpected(std::string(error.what()));
    }
}

} // namespace

/// Shared with a thread that may end later than the Connector.
struct Connector::Attempt {
    std::mutex mutex;
    EventLoop* loop = nullptr; ///< null: nobody waits any more
    std::function<void(Result)> done;
    Result result{std::unexpected(std::string())};
};

Connector::~Connector() {
    if (!attempt_)
        return;
    const std::lock_guard lock(attempt_->mutex);
    attempt_->loop = nullptr;
}

bool Connector::possible() {
    // Set once, before there are threads.
    const char* address = std::getenv("DBUS_SYSTEM_BUS_ADDRESS"); // NOLINT(concurrency-mt-unsafe)
    if (address == nullptr)
        return access(default_socket, F_OK) == 0;
    constexpr std::string_view by_path = "unix:path=";
    std::string_view text = address;
    if (!text.starts_with(by_path) || text.find_first_of("%;") != std::string_view::npos)
        return true; // who knows
    text.remove_prefix(by_path.size());
    return access(std::string(text.substr(0, text.find(','))).c_str(), F_OK) == 0;
}

void Connector::start(std::function<void(Result)> done) {
    attempt_ = std::make_shared<Attempt>();
    attempt_->loop = &loop_;
    attempt_->done = std::move(done);
    std::thread([this, attempt = attempt_] {
        Result result = connect();
        const std::lock_guard lock(attempt->mutex);
        attempt->result = std::move(result);
        if (attempt->loop == nullptr)
            return;
        attempt->loop->post([this, attempt] {
            if (attempt->loop == nullptr)
                return; // the Connector has gone meanwhile
            attempt_.reset();
            attempt->done(std::move(attempt->result));
        });
    }).detach();
}

} // namespace cachefiles::daemon::bus
