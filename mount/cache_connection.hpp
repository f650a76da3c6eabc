// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "mount/options.hpp"

#include <cachefiles.h>

#include <string>

namespace cachefiles::mount {

/// The daemon, and in its cache the volume of what is mounted. Without a daemon there is no cache,
/// until there is one.
class CacheConnection final {
public:
    /// Errors: SystemError; EBUSY: another mount of the same source has its volume, EACCES: another
    /// user's.
    CacheConnection(const Options& options, const std::string& volume_key);
    ~CacheConnection();
    CacheConnection(const CacheConnection&) = delete;
    CacheConnection& operator=(const CacheConnection&) = delete;

    [[nodiscard]] cachefiles_connection* get() const { return connection_; }
    [[nodiscard]] cachefiles_volume* volume() const { return volume_; }
    [[nodiscard]] bool online() const { return cachefiles_online(connection_) == 1; }

private:
    cachefiles_connection* connection_ = nullptr;
    cachefiles_volume* volume_ = nullptr;
};

} // namespace cachefiles::mount
