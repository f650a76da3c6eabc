// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/event_queue.hpp"

#include <sys/eventfd.h>

#include <cerrno>

namespace cachefiles::client {

int EventQueue::descriptor() {
    const std::lock_guard lock(mutex_);
    if (!descriptor_) {
        descriptor_.reset(eventfd(count_ == 0 ? 0 : 1, EFD_CLOEXEC | EFD_NONBLOCK));
        if (!descriptor_)
            return -errno;
    }
    return descriptor_.get();
}

void EventQueue::push(cachefiles_event event) noexcept {
    const std::lock_guard lock(mutex_);
    if (count_ == most) {
        first_ = (first_ + 1) % most;
        --count_;
    }
    ring_[(first_ + count_++) % most] = event;
    if (descriptor_)
        eventfd_write(descriptor_.get(), 1);
}

bool EventQueue::pop(cachefiles_event& event) {
    const std::lock_guard lock(mutex_);
    if (count_ == 0)
        return false;
    event = ring_[first_];
    first_ = (first_ + 1) % most;
    if (--count_ == 0 && descriptor_) {
        eventfd_t ignored = 0;
        eventfd_read(descriptor_.get(), &ignored);
    }
    return true;
}

void EventQueue::forget(const cachefiles_cookie* cookie) {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < count_; ++i) {
        cachefiles_event& event = ring_[(first_ + i) % most];
        if (event.cookie == cookie)
            event.cookie = nullptr;
    }
}

} // namespace cachefiles::client
