// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "client/options.hpp"

#include <algorithm>
#include <chrono>

namespace cachefiles::client {

/// When to try again what has failed: after a delay that grows.
class Retry final {
public:
    using Time = std::chrono::steady_clock::time_point;

    [[nodiscard]] bool due(Time now) const { return now >= at_; }
    [[nodiscard]] Time at() const { return at_; }

    void failed(Time now, const Options& options) {
        delay_ = std::clamp(2 * delay_, options.first_retry, options.longest_retry);
        at_ = now + delay_;
    }
    /// At once, if the last attempt failed.
    void hurry() { at_ = {}; }
    void reset() { *this = {}; }

private:
    Time at_;
    std::chrono::milliseconds delay_{0};
};

} // namespace cachefiles::client
