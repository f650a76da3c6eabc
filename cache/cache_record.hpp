// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/backend.hpp"
#include "cache/executor.hpp"
#include "protocol/cookie_list.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace cachefiles::cache {

/// The steps of a withdrawal: each waits until the count that it names is zero (fscache-model.md
/// section 7, the order of 6.1.101 and later).
struct Withdrawal {
    enum class Step { cache_accesses, volume_accesses, objects, volumes };
    Step step = Step::cache_accesses;
    bool queued = false; ///< a job that goes on with it
    Executor::Job done;
};

/// A cache, as volumes know it by its tag: it outlives the backend while they refer to it
/// (fscache-model.md section 1.1). Everything but the id is the model's, under its lock.
struct CacheRecord {
    explicit CacheRecord(std::uint32_t number) : id(number) {}

    const std::uint32_t id;
    std::string name; ///< empty: the one for whoever does not care
    protocol::CacheState state = protocol::CacheState::absent;
    std::shared_ptr<Backend> backend; ///< while active, dead or being withdrawn
    bool bound = false;               ///< prepared, and not withdrawn yet: a reference
    std::int32_t volumes = 0;         ///< each a reference
    std::int32_t objects = 0;         ///< from the beginning of a lookup to the end of detach()
    std::int32_t accesses = 0;        ///< one of them is artificial, from active to withdrawn
    std::optional<Withdrawal> withdrawal;

    [[nodiscard]] bool live() const { return state == protocol::CacheState::active; }
    [[nodiscard]] std::int32_t references() const { return volumes + (bound ? 1 : 0); }
};

using CachePtr = std::shared_ptr<CacheRecord>;

} // namespace cachefiles::cache
