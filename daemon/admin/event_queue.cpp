// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/admin/event_queue.hpp"

#include <utility>

namespace cachefiles::daemon::admin {

void EventQueue::add(Event event) {
    {
        const std::lock_guard lock(mutex_);
        if (events_.size() == capacity)
            events_.erase(events_.begin());
        events_.push_back(std::move(event));
    }
    call();
}

void EventQueue::call() {
    const std::lock_guard lock(calling_);
    if (happened_)
        happened_();
}

void EventQueue::listen(std::function<void()> happened) {
    const std::lock_guard lock(calling_);
    happened_ = std::move(happened);
}

std::vector<Event> EventQueue::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(events_, {});
}

} // namespace cachefiles::daemon::admin
