// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "base/fd.hpp"
#include "client/cachefiles.h"

#include <array>
#include <cstddef>
#include <mutex>

namespace cachefiles::client {

/// What the program is told, when it asks. Any thread.
class EventQueue final {
public:
    static constexpr std::size_t most = 1024;

    /// Of nobody who does not ask for it: -1 until then. A negative errno.
    [[nodiscard]] int descriptor();
    void push(cachefiles_event event) noexcept;
    [[nodiscard]] bool pop(cachefiles_event& event);
    /// The cookie is about to go.
    void forget(const cachefiles_cookie* cookie);

private:
    std::mutex mutex_;
    std::array<cachefiles_event, most> ring_{};
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    Fd descriptor_;
};

} // namespace cachefiles::client
