// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"

#include <chrono>
#include <optional>

namespace cachefiles::daemon {

/// Lets one thread wait for a descriptor, for another thread, or for a time, whichever comes first.
class Wake final {
public:
    /// Errors: SystemError.
    Wake();

    /// From any thread: ends the present wait, or the next one.
    void wake();

    struct Woken {
        bool by_wake = false;
        bool by_descriptor = false;
    };
    /// `descriptor` may be -1. Without a time it waits for ever.
    Woken wait(int descriptor, std::optional<std::chrono::nanoseconds> at_most);

private:
    Fd event_;
};

} // namespace cachefiles::daemon
