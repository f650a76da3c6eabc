// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/campaign/connect.hpp"

#include "base/error.hpp"

#include <cerrno>
#include <chrono>
#include <thread>

namespace cachefiles::campaign {

cachefiles_connection* connect_to(const std::string& socket) {
    constexpr std::chrono::milliseconds pause{10};
    constexpr int most_tries = 60'000; // ends a hang; judges no speed
    int error = 0;
    for (int tries = 0; tries < most_tries; ++tries) {
        cachefiles_connection* connection = nullptr;
        error = cachefiles_connect(socket.c_str(), "campaign", CACHEFILES_CONNECT_NOW, &connection);
        if (error >= 0)
            return connection;
        if (error != -ECONNREFUSED && error != -ENOENT)
            break;
        std::this_thread::sleep_for(pause);
    }
    throw SystemError("connect to " + socket, -error);
}

} // namespace cachefiles::campaign
