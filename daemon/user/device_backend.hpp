// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "base/log.hpp"
#include "daemon/backend.hpp"
#include "daemon/user/device_service.hpp"
#include "daemon/user/user_service.hpp"

#include <memory>
#include <string>

namespace cachefiles::daemon {

/// The user backend with user.bound-by: device. It waits until another daemon binds the cache
/// through the device file, as it would in front of the kernel's driver. That one culls, and
/// empties the graveyard.
class DeviceBackend final : public Backend {
public:
    /// Errors: SystemError.
    DeviceBackend(const Config& config, const Clock& clock, Log& log);

    void start() override { service_->start(); }
    void change(const Config& /*config*/) override {}
    [[nodiscard]] bool survives_restart() const override { return false; }
    void ask_to_stop(bool withdraw) override;
    [[nodiscard]] bool ended() const override { return device_->ended(); }
    void finish() override;
    [[nodiscard]] bool making_progress() override { return service_->progress().moved(); }
    [[nodiscard]] std::string summary() const override;
    [[nodiscard]] std::string details() const override;
    [[nodiscard]] admin::Administration* administration() override { return nullptr; }

private:
    std::unique_ptr<UserService> service_;
    std::unique_ptr<DeviceService> device_; ///< uses the service's model
};

} // namespace cachefiles::daemon
