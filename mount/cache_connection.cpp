// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/cache_connection.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <thread>

namespace cachefiles::mount {
namespace {

const char* if_any(const std::string& text) {
    return text.empty() ? nullptr : text.c_str();
}

/// One that was just unmounted may still be storing.
constexpr int most_attempts = 20;
constexpr std::chrono::milliseconds pause{250};

} // namespace

CacheConnection::CacheConnection(const Options& options, const std::string& volume_key) {
    if (const int error =
            cachefiles_connect(if_any(options.socket), "cachefiles-mount", 0, &connection_))
        throw SystemError("cannot connect to cachefilesd", -error);
    for (int attempt = 1;; ++attempt) {
        const int error =
            cachefiles_acquire_volume(connection_, volume_key.data(), volume_key.size(),
                                      if_any(options.cache), nullptr, 0, &volume_);
        if (error == 0)
            return;
        if (error == -EBUSY && attempt < most_attempts) {
            std::this_thread::sleep_for(pause);
            continue;
        }
        cachefiles_close(connection_);
        throw SystemError(
            error == -EBUSY ? fmt::format("{} is mounted through the cache already", options.source)
                            : fmt::format("cannot have the cache of {}", options.source),
            -error);
    }
}

CacheConnection::~CacheConnection() {
    cachefiles_close(connection_);
}

} // namespace cachefiles::mount
