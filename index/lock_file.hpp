// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"

#include <filesystem>

namespace cachefiles::index {

/// A lock that names its holder: flock(2) on a file that contains the pid. The file stays when
/// the lock goes: deleting it would race with somebody who has just opened it.
class LockFile final {
public:
    /// Takes the lock. Errors: SystemError; EWOULDBLOCK with a text that names the process that
    /// has it.
    explicit LockFile(const std::filesystem::path& path);

private:
    Fd fd_; // the lock lives as long as this descriptor
};

} // namespace cachefiles::index
