// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/fd.hpp"
#include "protocol/netfs/messages.hpp"

#include <condition_variable>
#include <cstdint>
#include <optional>
#include <vector>

namespace cachefiles::client {

/// What the daemon said to a request.
struct Answer {
    int error = 0;
    protocol::netfs::ReplyBody body;
    std::vector<Fd> descriptors;
};

/// A thread that waits for an answer. Under the connection's lock.
struct Call {
    std::uint32_t serial = 0;
    std::condition_variable done;
    bool finished = false;
    std::optional<Answer> answer; ///< nothing: the link broke
};

} // namespace cachefiles::client
