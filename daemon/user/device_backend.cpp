// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/user/device_backend.hpp"

#include "base/units.hpp"

#include <fmt/format.h>

namespace cachefiles::daemon {

DeviceBackend::DeviceBackend(const Config& config, const Clock& clock, Log& log)
    : service_(std::make_unique<UserService>(
          config.user, clock, log, [this] { return device_ ? device_->store() : nullptr; })),
      device_(std::make_unique<DeviceService>(config, service_->model(), clock, log)) {}

void DeviceBackend::ask_to_stop(bool /*withdraw*/) {
    service_->stop_clients();
    device_->ask_to_stop();
}

void DeviceBackend::finish() {
    device_->stop();
    service_->end();
}

std::string DeviceBackend::summary() const {
    const std::shared_ptr<cache::store::Store> store = device_->store();
    if (!store)
        return fmt::format("Offline: nobody has bound a cache through {}",
                           device_->path().native());
    const index::Totals totals = device_->totals();
    return fmt::format("Online: {} is bound by another daemon; {} objects, {}; {} clients",
                       store->root().path().native(), totals.objects, format_bytes(totals.bytes),
                       service_->clients());
}

std::string DeviceBackend::details() const {
    const index::Totals totals = device_->totals();
    return fmt::format("online={:d} objects={} bytes={} {}", device_->store() != nullptr,
                       totals.objects, totals.bytes, service_->details());
}

} // namespace cachefiles::daemon
