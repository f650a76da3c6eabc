// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/object.hpp"
#include "index/oldest_query.hpp"
#include "index/store.hpp"

#include <cstdint>
#include <vector>

namespace cachefiles::index {

/// Answers one OldestQuery in steps of bounded length, between which the store may be used by
/// others. Not thread-safe. Errors: SqliteError; the search then starts over.
///
/// It walks the recency order and passes over what is not wanted. When a small volume is wanted
/// from a large cache it reads the volume instead, and keeps the oldest.
class OldestSearch final {
public:
    explicit OldestSearch(const OldestQuery& query);

    /// One step. True if there is more to do.
    [[nodiscard]] bool step(Store& store);
    void start_over();
    [[nodiscard]] std::vector<Object> take() { return std::move(found_); }

private:
    void look_for_pins(Store& store);
    [[nodiscard]] bool step_order(Store& store);
    [[nodiscard]] bool step_volume(Store& store);
    [[nodiscard]] bool volume_is_faster(Store& store) const;
    [[nodiscard]] bool wanted(const RecencyCursor& here) const;
    void keep_oldest(const RecencyCursor& candidate);
    void read(Store& store, const std::vector<RecencyCursor>& places);

    OldestQuery query_;
    std::vector<VolumeId> except_; // sorted
    std::vector<VolumeId> pinned_; // sorted; at the last step
    bool started_ = false;
    bool by_volume_ = false;
    RecencyCursor cursor_;            // of the walk
    std::int64_t next_id_ = 0;        // of the reading of a volume...
    std::vector<RecencyCursor> heap_; // ...and the oldest so far, the newest of them in front
    std::vector<Object> found_;
};

} // namespace cachefiles::index
