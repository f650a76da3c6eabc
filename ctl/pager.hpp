// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "ctl/terminal.hpp"

#include <cstdio>
#include <string>
#include <string_view>

namespace cachefiles::ctl {

/// Long output, which may come piece by piece: to stdout, or if that is a terminal on which it has
/// no room, through a pager: $CACHEFILESCTL_PAGER, $SYSTEMD_PAGER, $PAGER, or less(1) where there
/// is one.
class Pager final {
public:
    /// `wanted`: as far as the user is asked. The terminal outlives it.
    Pager(const Terminal& terminal, bool wanted);
    ~Pager() { end(); }
    Pager(const Pager&) = delete;
    Pager& operator=(const Pager&) = delete;

    /// False: whoever reads has had enough, and what follows need not be made.
    [[nodiscard]] bool write(std::string_view text);
    /// Prints what is held back, and waits for the pager's end. Nothing is written after it.
    void end();

private:
    void start();

    const Terminal& terminal_;
    std::string command_; ///< empty: no pager
    std::string held_;    ///< as long as it may have room
    std::FILE* pipe_ = nullptr;
};

} // namespace cachefiles::ctl
