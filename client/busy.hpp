// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <condition_variable>

namespace cachefiles::client {

/// A flag that is set while somebody is at something, for whoever waits for the end of it. Made and
/// destroyed under the lock that guards the flag.
class Busy final {
public:
    Busy(bool& flag, std::condition_variable& ended) : flag_(flag), ended_(ended) { flag_ = true; }
    ~Busy() {
        flag_ = false;
        ended_.notify_all();
    }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

private:
    bool& flag_;
    std::condition_variable& ended_;
};

} // namespace cachefiles::client
