// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/backend.hpp"
#include "cache/executor.hpp"
#include "cache/flag_set.hpp"
#include "cache/flags.hpp"
#include "cache/volume.hpp"
#include "protocol/cookie_list.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace cachefiles::cache {

struct Operation;
enum class Want;

/// Of coherency data: the driver keeps its length in one byte. What is longer is cut.
inline constexpr std::size_t longest_aux = 255;

/// A resize that the cookie's worker is to carry out; the operation holds its access.
struct PendingResize {
    std::shared_ptr<Operation> operation;
    std::uint64_t size = 0;
    std::move_only_function<void(bool)> done;
};

/// Whoever would sleep in the kernel until the cookie's state is another one.
struct Waiter {
    std::shared_ptr<Operation> operation;
    Want want{};
    bool beginning = false; ///< as against waiting within an operation that has begun
    std::chrono::nanoseconds since{0};
    std::move_only_function<void(bool ready)> finish; ///< under the model's lock
};

/// A cookie (fscache-model.md section 1.3). The id, volume and identity never change and may be
/// read by any thread; the rest is the model's, under its lock.
struct Cookie : std::enable_shared_from_this<Cookie> {
    Cookie(std::uint32_t number, VolumePtr in, const std::string& key, Coherency contents);

    const std::uint32_t id;
    const VolumePtr volume;
    const CookieIdentity identity;

    protocol::CookieState state = protocol::CookieState::quiescent;
    FlagSet<CookieFlag> flags;
    Coherency coherency;
    std::uint32_t invalidations = 0;
    std::int32_t users = 0;
    std::int32_t accesses = 0; ///< operations, lookup, pending invalidation; nothing artificial

    std::unique_ptr<BackendObject> object; ///< the worker's: nobody else calls it
    std::shared_ptr<BackendFile> file;     ///< what begins now works on; null: none
    bool has_object = false;               ///< from the beginning of look_up to the end of detach
    bool fresh = false;    ///< the object is new: it needs no mark before it is modified
    bool marking = false;  ///< the worker is at it: Want::write waits
    bool poisoned = false; ///< may never be committed: an invalidation did not reach it
    bool stale = false;    ///< invalidated without an object: what is on the disk is not valid
    bool on_disk = false;  ///< committed and, as far as is known, still there

    bool queued = false;       ///< the worker is to run (again); a reference
    bool running = false;      ///< the worker runs, or waits for the volume; a reference
    bool use_waits = false;    ///< somebody used it while it was being discarded
    bool volume_asked = false; ///< this lookup has waited for the volume already
    bool wait_timer = false;

    bool on_lru = false;
    std::list<Cookie*>::iterator lru_place;
    std::chrono::nanoseconds unused_at{0};

    Cookie* successor = nullptr; ///< the cookie of the same key that waits for DROPPED
    Executor::Job when_acquired; ///< of a cookie that waits
    std::vector<Waiter> waiters;
    std::vector<PendingResize> resizes;

    [[nodiscard]] std::int32_t references() const;
    /// Something is to be done as soon as there are no accesses.
    [[nodiscard]] bool has_request() const;
};

using CookiePtr = std::shared_ptr<Cookie>;

} // namespace cachefiles::cache
