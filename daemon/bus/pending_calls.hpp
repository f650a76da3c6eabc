// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/log.hpp"
#include "daemon/bus/call.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace cachefiles::daemon::bus {

/// Calls that wait for an answer from elsewhere: from polkit, or from the administration's thread.
/// Others know them by number only, so that none outlives its connection. Belongs to the loop's
/// thread.
class PendingCalls final {
public:
    using Id = std::uint64_t;

    explicit PendingCalls(Log& log) : log_(log) {}

    /// Takes the call. Errors: sdbus::Error (LimitsExceeded), and the caller still has it.
    [[nodiscard]] Id hold(Call& call);
    /// Runs `what` with the call, and lets it go; what is thrown becomes the answer. Nothing if it
    /// is not there.
    void finish(Id id, const std::function<void(Call&)>& what);
    /// Runs what is to bring about the answer. What it throws is the answer.
    void start(Id id, const std::function<void()>& what);

private:
    struct Entry {
        Call call;
        std::string sender;
    };

    [[nodiscard]] std::optional<Call> take(Id id);

    Log& log_;
    std::map<Id, Entry> calls_;
    std::map<std::string, unsigned> senders_; ///< how many calls each has here
    Id next_ = 1;
};

} // namespace cachefiles::daemon::bus
