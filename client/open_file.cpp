// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/open_file.hpp"

#include <algorithm>
#include <bit>

namespace cachefiles::client {

using protocol::netfs::blocks_per_word;

std::uint64_t OpenFile::word(std::uint64_t number) const {
    const auto* words = reinterpret_cast<const std::atomic<std::uint64_t>*>(slot + 1);
    return words[number].load(std::memory_order_acquire);
}

bool OpenFile::present(std::uint64_t first, std::uint64_t last) const {
    if (last >= capacity)
        return false;
    for (std::uint64_t block = first; block <= last;) {
        const std::uint64_t bit = block % blocks_per_word;
        const std::uint64_t count = std::min(last - block + 1, blocks_per_word - bit);
        const std::uint64_t wanted = (~std::uint64_t{0} >> (blocks_per_word - count)) << bit;
        if ((word(block / blocks_per_word) & wanted) != wanted)
            return false;
        block += count;
    }
    return true;
}

std::uint64_t OpenFile::next(std::uint64_t from, bool present) const {
    std::uint64_t block = from;
    while (block < capacity) {
        const std::uint64_t bit = block % blocks_per_word;
        const std::uint64_t all = word(block / blocks_per_word);
        const std::uint64_t ones = (present ? all : ~all) >> bit;
        if (ones != 0) {
            block += static_cast<unsigned>(std::countr_zero(ones));
            if (block < capacity)
                return block;
            break;
        }
        block += blocks_per_word - bit;
    }
    // A file that is longer than its slot has nothing there.
    return present ? none : std::max(from, std::uint64_t{capacity});
}

} // namespace cachefiles::client
