// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "client/cookie.hpp"
#include "client/retry.hpp"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace cachefiles::client {
class Connection;
}

/// All of it under the connection's lock.
struct cachefiles_volume final {
    using Cookies = std::unordered_map<std::string, std::shared_ptr<cachefiles_cookie>>;

    cachefiles_volume(cachefiles::client::Connection& its_connection, std::string its_key,
                      std::string its_cache, std::string its_coherency)
        : connection(its_connection), key(std::move(its_key)), cache(std::move(its_cache)),
          coherency(std::move(its_coherency)) {}

    cachefiles::client::Connection& connection;
    const std::string key;
    const std::string cache; ///< its tag; empty: any
    const std::string coherency;

    std::optional<std::uint32_t> id; ///< the daemon's; nothing: it does not know the volume
    bool acquiring = false;          ///< somebody is asking for it
    std::condition_variable changed; ///< `acquiring` ended
    cachefiles::client::Retry retry;
    Cookies cookies;
};

namespace cachefiles::client {
using Volume = ::cachefiles_volume;
}
