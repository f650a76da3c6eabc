// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/content.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace cachefiles::cache {
namespace {

constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t blocks_of_map = index::ContentMap::blocks;

std::uint64_t end_of(const Content::Range& range) {
    return range.start + std::min(range.length, none - range.start);
}

} // namespace

Content::Content(std::uint64_t object_size) : object_size_(object_size) {}

std::uint64_t Content::object_size() const {
    const std::lock_guard lock(mutex_);
    return object_size_;
}

bool Content::ended() const {
    const std::lock_guard lock(mutex_);
    return ended_;
}

/// The block at which the object ends: the first that it has nothing of.
std::uint64_t Content::end_block() const {
    return object_size_ / block_size + (object_size_ % block_size != 0 ? 1 : 0);
}

Content::Blocks Content::touched(const Range& range) {
    if (range.length == 0)
        return {};
    const std::uint64_t first = range.start / block_size;
    return {first, (end_of(range) - 1) / block_size - first + 1};
}

void Content::change(Maps& maps, Blocks blocks, bool present) {
    while (blocks.count > 0) {
        const std::uint64_t number = blocks.first / blocks_of_map;
        const std::uint64_t at = blocks.first % blocks_of_map;
        const std::uint64_t here = std::min(blocks.count, blocks_of_map - at);
        if (present) {
            maps[number].set(at, here);
        } else if (const auto found = maps.lower_bound(number); found == maps.end()) {
            return;
        } else if (found->first != number) { // on to the next one that has anything
            const std::uint64_t skipped =
                std::min(found->first * blocks_of_map - blocks.first, blocks.count);
            blocks = {blocks.first + skipped, blocks.count - skipped};
            continue;
        } else {
            found->second.clear(at, here);
            if (found->second.empty())
                maps.erase(found);
        }
        blocks = {blocks.first + here, blocks.count - here};
    }
}

/// The first present (or absent) block at or after `from`.
std::uint64_t Content::next(const Maps& maps, std::uint64_t from, bool present) {
    std::uint64_t number = from / blocks_of_map;
    std::uint64_t at = from % blocks_of_map;
    for (auto entry = maps.lower_bound(number); entry != maps.end(); ++entry, ++number, at = 0) {
        if (entry->first != number) {
            if (!present)
                break;
            number = entry->first;
            at = 0;
        }
        const std::uint64_t found = entry->second.next(at, present);
        if (found < blocks_of_map)
            return number * blocks_of_map + found;
    }
    return present ? none : number * blocks_of_map + at;
}

bool Content::holds(const Range& range) const {
    const std::lock_guard lock(mutex_);
    if (ended_)
        return false;
    const Blocks blocks = touched(range);
    const std::uint64_t end = std::min(blocks.first + blocks.count, end_block());
    return blocks.first >= end || next(present_, blocks.first, false) >= end;
}

std::optional<Content::Range> Content::first_data(const Range& range) const {
    const std::lock_guard lock(mutex_);
    const std::uint64_t end = std::min(end_of(range), object_size_);
    if (ended_ || range.start >= end)
        return std::nullopt;
    const std::uint64_t first = next(present_, range.start / block_size, true);
    if (first > (end - 1) / block_size)
        return std::nullopt;
    const std::uint64_t start = std::max(range.start, first * block_size);
    const std::uint64_t behind = next(present_, first, false);
    const std::uint64_t stop = behind > (end - 1) / block_size ? end : behind * block_size;
    return Range{start, stop - start};
}

void Content::mirror_to(std::shared_ptr<MapMirror> mirror) {
    const std::lock_guard lock(mutex_);
    mirror_ = std::move(mirror);
    if (!mirror_)
        return;
    mirror_->resized(object_size_);
    if (ended_) {
        std::exchange(mirror_, nullptr)->end();
        return;
    }
    for (std::uint64_t first = next(present_, 0, true); first != none;) {
        const std::uint64_t behind = next(present_, first, false);
        mirror_->set(first, behind - first);
        first = next(present_, behind, true);
    }
}

std::optional<Content::Range> Content::claim_absent(const Range& range) {
    const std::lock_guard lock(mutex_);
    const Blocks blocks = touched(range);
    const std::uint64_t end = std::min(blocks.first + blocks.count, end_block());
    if (ended_ || blocks.first >= end)
        return std::nullopt;
    const std::uint64_t first = next(present_, blocks.first, false);
    if (first >= end)
        return std::nullopt;
    const std::uint64_t behind = std::min(next(present_, first, true), end);
    note_claim({first, behind - first});
    const std::uint64_t start = first * block_size;
    return Range{start,
                 behind == end_block() ? object_size_ - start : (behind - first) * block_size};
}

std::uint64_t Content::claim(const Range& range) {
    const std::lock_guard lock(mutex_);
    const Blocks blocks = touched(range);
    const std::uint64_t end = blocks.first + blocks.count;
    std::uint64_t bytes = 0;
    for (std::uint64_t first = next(present_, blocks.first, false); first < end;) {
        const std::uint64_t behind = std::min(next(present_, first, true), end);
        note_claim({first, behind - first});
        bytes += (behind - first) * block_size;
        first = next(present_, behind, false);
    }
    return bytes;
}

void Content::note_claim(Blocks blocks) {
    const std::uint64_t last = blocks.first + blocks.count - 1;
    const std::uint64_t maps = last / blocks_of_map - blocks.first / blocks_of_map + 1;
    if (all_claimed_ || maps > most_claimed_maps - std::min(most_claimed_maps, claimed_.size())) {
        all_claimed_ = true;
        claimed_.clear();
        return;
    }
    change(claimed_, blocks, true);
}

std::optional<Content::Blocks> Content::written(const Range& range) {
    const std::lock_guard lock(mutex_);
    if (ended_)
        return std::nullopt;
    const std::uint64_t end = std::min(end_of(range), object_size_);
    // Whole ones: from the first that begins in the range to the last that ends in it.
    const std::uint64_t first = range.start / block_size + (range.start % block_size != 0 ? 1 : 0);
    const std::uint64_t behind = end == object_size_ ? end_block() : end / block_size;
    if (range.length == 0 || first >= behind)
        return Blocks{};
    const Blocks filled{first, behind - first};
    change(present_, filled, true);
    change(claimed_, filled, false);
    if (mirror_)
        mirror_->set(filled.first, filled.count);
    return filled;
}

bool Content::resize(std::uint64_t object_size) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t before = std::exchange(object_size_, object_size);
    if (object_size == before)
        return false;
    const auto present_from = [this](std::uint64_t block) {
        return next(present_, block, true) != none;
    };
    bool lost = false;
    if (object_size < before && present_from(end_block())) {
        clear({end_block(), none - end_block()});
        lost = true;
    } else if (object_size > before && before % block_size != 0 &&
               present_from(before / block_size)) {
        clear({before / block_size, 1});
        lost = true;
    }
    if (mirror_)
        mirror_->resized(object_size);
    return lost;
}

void Content::clear(Blocks blocks) {
    cleared_ = true;
    if (mirror_)
        mirror_->clear(blocks.first, blocks.count);
    const std::uint64_t end = blocks.first + blocks.count;
    for (std::uint64_t first = next(present_, blocks.first, true); first < end;) {
        const std::uint64_t behind = std::min(next(present_, first, false), end);
        note_claim({first, behind - first}); // what is there is of no account from now on
        first = next(present_, behind, true);
    }
    change(present_, blocks, false);
}

void Content::end() {
    const std::lock_guard lock(mutex_);
    if (std::exchange(ended_, true))
        return;
    if (mirror_)
        std::exchange(mirror_, nullptr)->end();
}

void Content::load(std::uint32_t map_no, const index::ContentMap& map) {
    const std::lock_guard lock(mutex_);
    if (!map.empty())
        present_[map_no] = map;
    // Written by somebody when the object was larger: it is not there.
    change(present_, {end_block(), none - end_block()}, false);
}

bool Content::has_cleared() const {
    const std::lock_guard lock(mutex_);
    return cleared_;
}

std::vector<Content::Blocks> Content::left_behind() const {
    const std::lock_guard lock(mutex_);
    std::vector<Blocks> all;
    const Maps& maps = all_claimed_ ? present_ : claimed_;
    const bool wanted = !all_claimed_;
    for (std::uint64_t first = next(maps, 0, wanted); first != none;) {
        const std::uint64_t behind = next(maps, first, !wanted);
        all.push_back({first, behind - first});
        first = behind == none ? none : next(maps, behind, wanted);
    }
    return all;
}

index::ContentMap Content::map(std::uint32_t map_no) const {
    const std::lock_guard lock(mutex_);
    const auto found = present_.find(map_no);
    return found == present_.end() ? index::ContentMap() : found->second;
}

std::vector<std::uint32_t> Content::map_numbers() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::uint32_t> numbers;
    numbers.reserve(present_.size());
    for (const auto& [number, map] : present_) {
        if (number <= std::numeric_limits<std::uint32_t>::max())
            numbers.push_back(static_cast<std::uint32_t>(number));
    }
    return numbers;
}

} // namespace cachefiles::cache
