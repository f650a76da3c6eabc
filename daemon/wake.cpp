// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/wake.hpp"

#include "base/error.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>

namespace cachefiles::daemon {

Wake::Wake() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!event_)
        throw SystemError("cannot make an eventfd");
}

void Wake::wake() {
    eventfd_write(event_.get(), 1);
}

Wake::Woken Wake::wait(int descriptor, std::optional<std::chrono::nanoseconds> at_most) {
    std::array<pollfd, 2> watched{pollfd{event_.get(), POLLIN, 0}, pollfd{descriptor, POLLIN, 0}};
    timespec time{};
    if (at_most) {
        const auto wait = std::max(*at_most, std::chrono::nanoseconds(0));
        time.tv_sec = wait / std::chrono::seconds(1);
        time.tv_nsec = (wait % std::chrono::seconds(1)).count();
    }
    if (ppoll(watched.data(), watched.size(), at_most ? &time : nullptr, nullptr) <= 0)
        return {};
    Woken woken;
    woken.by_wake = watched[0].revents != 0;
    woken.by_descriptor = watched[1].revents != 0;
    if (woken.by_wake) {
        eventfd_t ignored = 0;
        eventfd_read(event_.get(), &ignored);
    }
    return woken;
}

} // namespace cachefiles::daemon
