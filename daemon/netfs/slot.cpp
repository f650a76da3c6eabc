// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/netfs/slot.hpp"

#include <algorithm>
#include <utility>

namespace cachefiles::daemon::netfs {
namespace {

using protocol::netfs::blocks_per_word;
using protocol::netfs::SlotHeader;

std::uint32_t capacity_of(std::size_t bytes) {
    return static_cast<std::uint32_t>((bytes - sizeof(SlotHeader)) / sizeof(std::uint64_t) *
                                      blocks_per_word);
}

} // namespace

Slot::Slot(std::shared_ptr<Arena> arena, const Arena::Place& place)
    : arena_(std::move(arena)), place_(place),
      header_(*reinterpret_cast<SlotHeader*>(arena_->base_ + place_.offset)),
      words_(reinterpret_cast<Word*>(arena_->base_ + place_.offset + sizeof(SlotHeader))),
      capacity_(capacity_of(Arena::smallest << place_.size_class)) {}

Slot::~Slot() {
    end();
    arena_->give_back(place_);
}

void Slot::begin(std::uint64_t object_size) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t ended = header_.generation.load(std::memory_order_relaxed) | 1;
    move_generation(ended);
    change(0, capacity_, To::zeros);
    header_.object_size.store(object_size, std::memory_order_relaxed);
    live_ = true;
    move_generation(ended + 1);
}

void Slot::set(std::uint64_t first, std::uint64_t count) {
    const std::lock_guard lock(mutex_);
    if (live_)
        change(first, count, To::ones);
}

void Slot::clear(std::uint64_t first, std::uint64_t count) {
    const std::lock_guard lock(mutex_);
    if (!live_)
        return;
    const std::uint64_t generation = header_.generation.load(std::memory_order_relaxed);
    move_generation(generation + 1);
    change(first, count, To::zeros);
    move_generation(generation + 2);
}

void Slot::resized(std::uint64_t object_size) {
    const std::lock_guard lock(mutex_);
    if (live_)
        header_.object_size.store(object_size, std::memory_order_release);
}

void Slot::end() {
    const std::lock_guard lock(mutex_);
    if (std::exchange(live_, false))
        move_generation(header_.generation.load(std::memory_order_relaxed) + 1);
}

std::uint64_t Slot::generation() const {
    const std::uint64_t now = header_.generation.load(std::memory_order_acquire);
    return now % 2 == 0 ? now : 0;
}

void Slot::change(std::uint64_t first, std::uint64_t count, To to) {
    if (first >= capacity_)
        return;
    const std::uint64_t end = first + std::min<std::uint64_t>(count, capacity_ - first);
    while (first < end) {
        const std::uint64_t shift = first % blocks_per_word;
        const std::uint64_t bits = std::min<std::uint64_t>(blocks_per_word - shift, end - first);
        const std::uint64_t mask = (~std::uint64_t{0} >> (blocks_per_word - bits)) << shift;
        Word& word = words_[first / blocks_per_word];
        if (to == To::ones) // after the data of the blocks: whoever sees a bit sees them
            word.fetch_or(mask, std::memory_order_release);
        else
            word.fetch_and(~mask, std::memory_order_release);
        first += bits;
    }
}

/// The strongest order there is: what comes after it, in the file as in the map, is not seen
/// before it.
void Slot::move_generation(std::uint64_t to) {
    header_.generation.exchange(to, std::memory_order_seq_cst);
}

} // namespace cachefiles::daemon::netfs
