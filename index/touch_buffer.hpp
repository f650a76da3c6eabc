// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/clock.hpp"
#include "index/ids.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cachefiles::index {

/// Uses of objects that have not reached the database: the latest for each object. Has a mutex of
/// its own, so that reporting a use never waits for the disk.
class TouchBuffer final {
public:
    /// About 4 MiB; what a busy minute of a large cache touches.
    static constexpr std::size_t capacity = 65'536;

    /// `monotonic` says since when the oldest touch has been waiting. False if there is no room.
    [[nodiscard]] bool add(ObjectId id, Seconds last_use, std::chrono::nanoseconds monotonic);
    /// The use of that object, if it waits here.
    [[nodiscard]] std::optional<Seconds> find(ObjectId id) const;
    /// The latest use that waits of any object of that volume.
    [[nodiscard]] std::optional<Seconds> newest(VolumeId volume) const;
    /// Since when the oldest of them has been waiting; nothing if none is.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> waiting_since() const;
    void forget(ObjectId id);

    /// Takes everything out, in id order.
    [[nodiscard]] std::vector<std::pair<ObjectId, Seconds>> take();

private:
    struct Hash {
        std::size_t operator()(ObjectId id) const {
            return std::hash<std::int64_t>()(id.value() ^ (id.value() >> 23));
        }
    };

    mutable std::mutex mutex_;
    std::unordered_map<ObjectId, Seconds, Hash> touches_;
    std::map<VolumeId, Seconds> newest_;
    std::chrono::nanoseconds since_{0}; // meaningless while there are none
};

} // namespace cachefiles::index
