// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "daemon/kernel/device.hpp"

#include <filesystem>

namespace cachefiles::daemon {

/// The device as the kernel offers it. Closing the last descriptor of it withdraws the cache.
class DeviceFile final : public Device {
public:
    /// Takes a descriptor that was opened earlier, perhaps by another process.
    explicit DeviceFile(Fd fd) : fd_(std::move(fd)) {}

    /// Wants CAP_SYS_ADMIN, which is raised for the purpose. Errors: SystemError, whose text says
    /// what to do: who holds the device (EBUSY), that the module is missing (ENOENT)...
    [[nodiscard]] static DeviceFile open(const std::filesystem::path& path);

    [[nodiscard]] int command(std::string_view bytes) override;
    [[nodiscard]] std::optional<protocol::StateLine> state() override;
    [[nodiscard]] int descriptor() const override { return fd_.get(); }

private:
    Fd fd_;
};

/// "cachefilesd (process 123)": who has the file open, for an error message. Empty if that cannot
/// be found out.
[[nodiscard]] std::string holders_of(const std::filesystem::path& path);

} // namespace cachefiles::daemon
