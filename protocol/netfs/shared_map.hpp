// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

/// Content maps as a client sees them: the arena, one memfd for each connection, read-only for the
/// client (sealed: it neither shrinks nor can it be written), with a slot for each open cookie. A
/// slot is a SlotHeader and then the bits, 64 in a word, the first block the lowest bit.
///
/// A warm read without a round trip:
///
///   1. generation (acquire) is the one of OpenReply, or the file has ended;
///   2. the words (acquire) have a bit for every block of the range;
///   3. pread();
///   4. generation (after an acquire fence) is still the same, or what was read does not count.
///
/// The daemon sets a bit after the block's data is in the file, and moves the generation before
/// anything else happens to data that was there. Generations of a slot never come again, so a slot
/// that has been given to another cookie is no danger.
namespace cachefiles::protocol::netfs {

struct SlotHeader {
    std::atomic<std::uint64_t> generation; ///< even: of a file that is valid; odd: there is none
    std::atomic<std::uint64_t> object_size;
    std::uint64_t reserved[6];
};
static_assert(sizeof(SlotHeader) == 64);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

/// Slots begin at multiples of this.
inline constexpr std::size_t slot_alignment = 64;

inline constexpr std::uint64_t block_size = 256 << 10;
inline constexpr std::uint32_t blocks_per_word = 64;

} // namespace cachefiles::protocol::netfs
