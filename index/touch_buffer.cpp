// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/touch_buffer.hpp"

#include <algorithm>

namespace cachefiles::index {

bool TouchBuffer::add(ObjectId id, Seconds last_use, std::chrono::nanoseconds monotonic) {
    const std::lock_guard lock(mutex_);
    const auto known = touches_.find(id);
    if (known != touches_.end()) {
        known->second = std::max(known->second, last_use);
    } else {
        if (touches_.size() >= capacity)
            return false;
        if (touches_.empty())
            since_ = monotonic;
        touches_.emplace(id, last_use);
    }
    Seconds& newest = newest_.try_emplace(id.volume(), last_use).first->second;
    newest = std::max(newest, last_use);
    return true;
}

std::optional<Seconds> TouchBuffer::find(ObjectId id) const {
    const std::lock_guard lock(mutex_);
    const auto found = touches_.find(id);
    return found != touches_.end() ? std::optional(found->second) : std::nullopt;
}

std::optional<Seconds> TouchBuffer::newest(VolumeId volume) const {
    const std::lock_guard lock(mutex_);
    const auto found = newest_.find(volume);
    return found != newest_.end() ? std::optional(found->second) : std::nullopt;
}

std::optional<std::chrono::nanoseconds> TouchBuffer::waiting_since() const {
    const std::lock_guard lock(mutex_);
    return touches_.empty() ? std::nullopt : std::optional(since_);
}

void TouchBuffer::forget(ObjectId id) {
    const std::lock_guard lock(mutex_);
    if (!touches_.empty())
        touches_.erase(id);
}

std::vector<std::pair<ObjectId, Seconds>> TouchBuffer::take() {
    std::vector<std::pair<ObjectId, Seconds>> all;
    {
        const std::lock_guard lock(mutex_);
        all.assign(touches_.begin(), touches_.end());
        touches_.clear();
        newest_.clear();
    }
    std::ranges::sort(all);
    return all;
}

} // namespace cachefiles::index
