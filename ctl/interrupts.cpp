// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/interrupts.hpp"

#include "base/error.hpp"

#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace cachefiles::ctl {

Interrupts::Interrupts(std::initializer_list<int> signals) {
    sigset_t set{};
    sigemptyset(&set);
    for (const int each : signals)
        sigaddset(&set, each);
    pthread_sigmask(SIG_BLOCK, &set, &before_);
    fd_ = Fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd_)
        throw SystemError("signalfd");
}

Interrupts::~Interrupts() {
    while (take()) // else they would be delivered now
        ;
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

std::optional<int> Interrupts::take() {
    signalfd_siginfo info{};
    if (read(fd_.get(), &info, sizeof info) != sizeof info)
        return std::nullopt;
    return static_cast<int>(info.ssi_signo);
}

} // namespace cachefiles::ctl
