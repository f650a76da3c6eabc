// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "client/cookie.hpp"

#include <cstdint>
#include <mutex>

namespace cachefiles::client {

/// Only one thread at a time gets a range of a cookie from the source; whoever comes second waits
/// for the end of it, and then does not have the range.
class Fetching final {
public:
    /// `mutex`: the connection's.
    Fetching(std::mutex& mutex, Cookie& cookie, std::uint64_t start, std::uint64_t end);
    ~Fetching();
    Fetching(const Fetching&) = delete;
    Fetching& operator=(const Fetching&) = delete;

    [[nodiscard]] bool is_mine() const { return mine_; }

private:
    std::mutex& mutex_;
    Cookie& cookie_;
    std::uint64_t start_;
    bool mine_ = false;
};

} // namespace cachefiles::client
