// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/fetching.hpp"

#include <algorithm>

namespace cachefiles::client {

Fetching::Fetching(std::mutex& mutex, Cookie& cookie, std::uint64_t start, std::uint64_t end)
    : mutex_(mutex), cookie_(cookie), start_(start) {
    std::unique_lock lock(mutex_);
    const auto overlaps = [start, end](const FetchedRange& other) {
        return other.start < end && start < other.end;
    };
    const auto is_fetched = [&] {
        return std::ranges::any_of(cookie_.fetched, overlaps);
    };
    if (is_fetched()) {
        cookie_.fetched_changed.wait(lock, [&] { return !is_fetched(); });
        return;
    }
    cookie_.fetched.push_back({start, end});
    mine_ = true;
}

Fetching::~Fetching() {
    if (!mine_)
        return;
    const std::lock_guard lock(mutex_);
    std::erase_if(cookie_.fetched, [this](const FetchedRange& range) {
        return range.start == start_; // ranges do not overlap
    });
    cookie_.fetched_changed.notify_all();
}

} // namespace cachefiles::client
