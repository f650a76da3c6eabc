// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/admin/administration.hpp"

#include <functional>
#include <mutex>
#include <vector>

namespace cachefiles::daemon::admin {

/// What happened, until somebody takes it. Any thread.
class EventQueue final {
public:
    /// As much as a listener may be late; without one the oldest go.
    static constexpr std::size_t capacity = 1000;

    void add(Event event);
    /// There is something new to look at, though no event.
    void call();

    /// After listen({}) the former listener is not called any more, nor being called.
    void listen(std::function<void()> happened);
    /// What was added since the last call.
    [[nodiscard]] std::vector<Event> take();

private:
    std::mutex mutex_; ///< guards the events
    std::vector<Event> events_;
    std::mutex calling_; ///< guards the listener, also while it is called
    std::function<void()> happened_;
};

} // namespace cachefiles::daemon::admin
