// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.hpp"
#include "cull/limits.hpp"
#include "daemon/config/config.hpp"
#include "daemon/kernel/device_file.hpp"

#include <map>
#include <memory>
#include <string>

namespace cachefiles::daemon {

/// Owns the bound device, and its copy in the service manager's store, which keeps the cache online
/// while no daemon runs. Used by one thread at a time: first main, then the culling thread.
class DeviceOwner final {
public:
    DeviceOwner(CacheSettings settings, const cull::Watermarks& watermarks, Log& log);

    /// Takes over the device that a former process left with the service manager if it is alive
    /// and bound with the same settings; otherwise opens and binds it. Errors: SystemError.
    void acquire(std::map<std::string, Fd>& stored);

    /// True if acquire() found a bound device.
    [[nodiscard]] bool taken_over() const { return taken_over_; }
    /// Null between close() and open_and_bind().
    [[nodiscard]] Device* device() { return device_.get(); }

    /// Takes it out of the store and closes it: the driver withdraws the cache, which takes as long
    /// as the I/O under way in it.
    void close();
    /// After close(). Errors: SystemError; try again later.
    void open_and_bind();

private:
    [[nodiscard]] std::unique_ptr<DeviceFile> adopt(std::map<std::string, Fd>& stored);

    CacheSettings settings_;
    cull::Watermarks watermarks_;
    Log& log_;
    std::unique_ptr<DeviceFile> device_;
    bool taken_over_ = false;
};

} // namespace cachefiles::daemon
