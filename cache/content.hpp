// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/map_mirror.hpp"
#include "index/content_map.hpp"
#include "protocol/netfs/read_plan.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace cachefiles::cache {

/// Which blocks of one file are present, from the moment at which their data is in the file. That
/// is what readers go by; what survives a crash is the index's, which learns of a block only after
/// its data is on the disk (CommitQueue). A file and its content have the same life: invalidation
/// makes both anew.
///
/// Any thread.
class Content final {
public:
    static constexpr std::uint64_t block_size = index::ContentMap::block_size;

    struct Range {
        std::uint64_t start = 0; ///< bytes
        std::uint64_t length = 0;
        bool operator==(const Range&) const = default;
    };

    /// Nothing is present.
    explicit Content(std::uint64_t object_size);

    [[nodiscard]] std::uint64_t object_size() const;
    /// The file is not the object's any more: nothing is present, and nothing ever will be.
    [[nodiscard]] bool ended() const;

    // --- readers ---
    [[nodiscard]] protocol::netfs::ReadPlan plan_read(std::uint64_t start,
                                                      std::uint64_t length) const;
    /// Whether every block that the range touches is present, as far as the object goes.
    [[nodiscard]] bool holds(const Range& range) const;
    /// The first run of present bytes in the range (query_occupancy); nothing if there is none.
    [[nodiscard]] std::optional<Range> first_data(const Range& range) const;
    /// What is present is told to it at once, and every change from then on; until end(), or until
    /// another one takes its place.
    void mirror_to(std::shared_ptr<MapMirror> mirror);

    // --- writers ---
    /// The first run of absent blocks that the range touches, as bytes, cut at the object's end;
    /// nothing if all are present. Data of no account may be in them from now on, until written().
    [[nodiscard]] std::optional<Range> claim_absent(const Range& range);
    /// The bytes are in the file. What blocks they fill become present; those are returned, as
    /// [first, first + count), for the index. Nothing if the content has ended.
    struct Blocks {
        std::uint64_t first = 0;
        std::uint64_t count = 0;
        bool operator==(const Blocks&) const = default;
    };
    [[nodiscard]] std::optional<Blocks> written(const Range& range);

    // --- the store ---
    /// As they were found on the disk; before anybody else knows the content.
    void load(std::uint32_t map_no, const index::ContentMap& map);
    /// Returns true if blocks that were present no longer are: those beyond the end, and the last
    /// one when its object grows. Called before the file changes.
    bool resize(std::uint64_t object_size);
    void end();
    /// Blocks that were claimed and never written: their data, if any, is of no account.
    [[nodiscard]] std::vector<Blocks> left_behind() const;
    [[nodiscard]] index::ContentMap map(std::uint32_t map_no) const;

private:
    // Helper B fills this in.
};

} // namespace cachefiles::cache
