// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"

namespace cachefiles::daemon {

/// Puts the process into the background: the caller's command returns when ready() is called, with
/// status 0, or with that of failed(), so that a script that starts the daemon learns the truth.
/// Make it before there are threads.
class Background final {
public:
    /// Forks; returns in the child only, which leads a session of its own, in /, without a
    /// terminal. stderr stays until ready(). Errors: SystemError.
    Background();

    void ready();
    void failed(int exit_status);

private:
    Fd report_; ///< to the waiting parent
};

} // namespace cachefiles::daemon
