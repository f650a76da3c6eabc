// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cache/map_mirror.hpp"
#include "index/content_map.hpp"
#include "protocol/netfs/read_plan.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
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
    struct Blocks {
        std::uint64_t first = 0;
        std::uint64_t count = 0;
        bool operator==(const Blocks&) const = default;
    };

    /// Nothing is present.
    explicit Content(std::uint64_t object_size);

    [[nodiscard]] std::uint64_t object_size() const;
    /// The file is not the object's any more: for readers and writers nothing is present, and
    /// nothing ever will be.
    [[nodiscard]] bool ended() const;

    // --- readers ---
    [[nodiscard]] protocol::netfs::ReadPlan plan_read(std::uint64_t start,
                                                      std::uint64_t length) const;
    /// Whether every block that the range touches is present, as far as the object goes.
    [[nodiscard]] bool holds(const Range& range) const;
    /// The first run of present bytes in the range (query_occupancy); nothing if there is none.
    [[nodiscard]] std::optional<Range> first_data(const Range& range) const;
    /// What is present is told to it at once, and every change from then on; until end(), or until
    /// another one takes its place. Null: nobody any more.
    void mirror_to(std::shared_ptr<MapMirror> mirror);

    // --- writers ---
    /// The first run of absent blocks that the range touches, as bytes, cut at the object's end;
    /// nothing if all are present. Data of no account may be in them from now on, until written().
    [[nodiscard]] std::optional<Range> claim_absent(const Range& range);
    /// The same for all of the range, also beyond the object's end, whatever is present in it.
    /// Returns the bytes of the absent blocks that it touches.
    std::uint64_t claim(const Range& range);
    /// The bytes are in the file. What blocks of the object they fill become present; those are
    /// returned for the index, a count of 0 if there is none. Nothing if the content has ended.
    [[nodiscard]] std::optional<Blocks> written(const Range& range);

    // --- the model ---
    /// Called before the file changes. Blocks that do not stay whole are present no longer: those
    /// beyond the end, and the last one when its object grows. True if there were such: what the
    /// index knows must never be taken for this file again, see has_cleared().
    bool resize(std::uint64_t object_size);
    void end();

    // --- the store: the same before and after end() ---
    /// As they were found on the disk; before anybody else knows the content.
    void load(std::uint32_t map_no, const index::ContentMap& map);
    /// Blocks that were present are not any more: the file needs another content id.
    [[nodiscard]] bool has_cleared() const;
    /// Blocks that were claimed and never written: their data, if any, is of no account.
    [[nodiscard]] std::vector<Blocks> left_behind() const;
    [[nodiscard]] index::ContentMap map(std::uint32_t map_no) const;
    /// The numbers of the maps that are not empty, ascending.
    [[nodiscard]] std::vector<std::uint32_t> map_numbers() const;

private:
    /// One map for each GiB that has anything.
    using Maps = std::map<std::uint64_t, index::ContentMap>;

    /// Whoever claims here and there in a very large object shall not fill the memory: beyond this
    /// many GiB with claims, all that is absent counts as claimed.
    static constexpr std::size_t most_claimed_maps = 1024;

    static void change(Maps& maps, Blocks blocks, bool present);
    [[nodiscard]] static std::uint64_t next(const Maps& maps, std::uint64_t from, bool present);
    [[nodiscard]] std::uint64_t end_block() const;
    [[nodiscard]] static Blocks touched(const Range& range);
    void clear(Blocks blocks);
    void note_claim(Blocks blocks);
    [[nodiscard]] bool is_whole(std::uint64_t block, std::uint64_t end) const;

    mutable std::mutex mutex_;
    // Everything below is under the mutex.
    std::uint64_t object_size_;
    bool ended_ = false;
    bool cleared_ = false;
    bool all_claimed_ = false;
    Maps present_; ///< nothing beyond the object's end
    Maps claimed_; ///< and not written yet
    std::shared_ptr<MapMirror> mirror_;
};

} // namespace cachefiles::cache
