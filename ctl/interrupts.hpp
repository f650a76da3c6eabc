// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"

#include <csignal>
#include <initializer_list>
#include <optional>

namespace cachefiles::ctl {

/// Signals that are read instead of being delivered, while it lives. One at a time, main thread.
class Interrupts final {
public:
    explicit Interrupts(std::initializer_list<int> signals);
    Interrupts(const Interrupts&) = delete;
    Interrupts& operator=(const Interrupts&) = delete;
    ~Interrupts();

    /// Can be read when there is a signal.
    [[nodiscard]] int fd() const { return fd_.get(); }
    /// The next one that came, if any.
    [[nodiscard]] std::optional<int> take();

private:
    sigset_t before_{};
    Fd fd_;
};

} // namespace cachefiles::ctl
