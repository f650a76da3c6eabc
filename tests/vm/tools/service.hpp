// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "tests/vm/tools/fd_store.hpp"

#include <sys/types.h>

#include <string>

namespace cachefiles::vm {

/// The process that is supervised.
class Service final {
public:
    /// `command`: a null-terminated argument vector. `watchdog`: seconds, or 0.
    Service(char** command, std::string socket, long watchdog);

    /// Starts it, with what the store keeps as its descriptors 3, 4... Errors: SystemError.
    void start(const FdStore& store);
    /// To the running process; nothing if there is none.
    void signal(int number) const;
    /// Takes note of an end. Returns "exit N" or "signal N"; empty if it still runs.
    [[nodiscard]] std::string ended();

    [[nodiscard]] pid_t pid() const { return pid_; }

private:
    [[noreturn]] void execute(const FdStore& store) const;

    char** command_;
    std::string socket_;
    long watchdog_;
    pid_t pid_ = 0; ///< 0: it does not run
};

} // namespace cachefiles::vm
