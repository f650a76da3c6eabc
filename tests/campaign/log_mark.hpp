// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"

#include <cstdint>
#include <string>

namespace cachefiles::campaign {

/// Puts marks into the log of a log-writes device (Linux, Documentation/admin-guide/device-mapper/
/// log-writes.rst). One thread. Errors: SystemError.
class LogMark final {
public:
    /// `device`: its name in the device mapper.
    explicit LogMark(std::string device);

    void set(std::uint64_t number);

private:
    std::string device_;
    Fd control_;
};

} // namespace cachefiles::campaign
