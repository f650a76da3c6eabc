// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "index/index.hpp"

#include <mutex>

namespace cachefiles::cache::store {

/// Tells the index that objects were used, between lookup and detach. Files keep it, and may
/// outlive the index: after stop() nobody is told. Any thread.
class Recency final {
public:
    /// Both are borrowed, until stop().
    Recency(index::Index& index, const Clock& clock) : index_(&index), clock_(clock) {}

    /// Just now. In memory; the index writes many of them at once, now and then.
    void used(index::ObjectId object);
    /// Nobody is in used() when it returns.
    void stop();

private:
    std::mutex mutex_;
    index::Index* index_; // guarded by mutex_
    const Clock& clock_;
};

} // namespace cachefiles::cache::store
