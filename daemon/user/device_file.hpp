// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/driver/driver.hpp"

#include <filesystem>
#include <memory>

namespace cachefiles::daemon::user {

/// The driver's device as a file, <directory>/cachefiles, for daemons that were written for
/// /dev/cachefiles: a FUSE file system of one file, mode 0600. Open, read, write, poll and the last
/// close do what the kernel's device does; cache/driver/DIFFERENCES.md says what is not the same.
///
/// A command, and a close, may take long: neither holds up another's read or poll. It has threads
/// of its own, and none of them may touch the mount.
class DeviceFile final {
public:
    struct Options {
        cache::driver::Driver& driver;
        std::filesystem::path directory; ///< made if need be; mounted upon
    };

    /// Errors: SystemError, when it cannot be mounted: no /dev/fuse, no privilege, or another
    /// process serves it.
    explicit DeviceFile(Options options);
    /// What is open is withdrawn, and then the file system unmounted.
    ~DeviceFile();
    DeviceFile(const DeviceFile&) = delete;
    DeviceFile& operator=(const DeviceFile&) = delete;

    [[nodiscard]] std::filesystem::path path() const;

private:
    class Server;
    std::unique_ptr<Server> server_;
};

} // namespace cachefiles::daemon::user
