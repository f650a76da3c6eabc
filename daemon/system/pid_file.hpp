// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"

#include <filesystem>

namespace cachefiles::daemon {

/// The process's id in a file, for scripts. Locked while the process lives, removed at its end.
class PidFile final {
public:
    /// Errors: SystemError (EWOULDBLOCK: another daemon has it; the text says which process).
    explicit PidFile(std::filesystem::path path);
    ~PidFile();
    PidFile(const PidFile&) = delete;
    PidFile& operator=(const PidFile&) = delete;

private:
    std::filesystem::path path_;
    Fd file_;
};

} // namespace cachefiles::daemon
