// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/recency.hpp"

namespace cachefiles::cache::store {

void Recency::used(index::ObjectId object) {
    const std::lock_guard lock(mutex_);
    if (index_ != nullptr)
        index_->touch(object, clock_.now());
}

void Recency::stop() {
    const std::lock_guard lock(mutex_);
    index_ = nullptr;
}

} // namespace cachefiles::cache::store
