// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/content_map.hpp"

#include <algorithm>
#include <bit>

namespace cachefiles::index {
namespace {

constexpr std::size_t word_bits = 64;
constexpr std::size_t word_bytes = 8;

/// Calls `change(word, mask)` for each word that [first, first + count) touches.
template<class Change>
void for_words(std::size_t first, std::size_t count, const Change& change) {
    first = std::min(first, ContentMap::blocks);
    const std::size_t end = first + std::min(count, ContentMap::blocks - first);
    while (first < end) {
        const std::size_t bit = first % word_bits;
        const std::size_t here = std::min(word_bits - bit, end - first);
        const std::uint64_t ones =
            here == word_bits ? ~std::uint64_t{0} : (std::uint64_t{1} << here) - 1;
        change(first / word_bits, ones << bit);
        first += here;
    }
}

} // namespace

ContentMap::ContentMap(std::span<const std::byte> stored) {
    const std::size_t size = std::min(stored.size(), blocks / 8);
    for (std::size_t i = 0; i < size; ++i)
        words_[i / word_bytes] |= std::to_integer<std::uint64_t>(stored[i]) << (i % word_bytes * 8);
}

bool ContentMap::test(std::size_t block) const {
    return block < blocks && (words_[block / word_bits] >> (block % word_bits) & 1) != 0;
}

void ContentMap::set(std::size_t first, std::size_t count) {
    for_words(first, count, [this](std::size_t word, std::uint64_t mask) { words_[word] |= mask; });
}

void ContentMap::clear(std::size_t first, std::size_t count) {
    for_words(first, count,
              [this](std::size_t word, std::uint64_t mask) { words_[word] &= ~mask; });
}

std::size_t ContentMap::count() const {
    std::size_t sum = 0;
    for (const std::uint64_t word : words_)
        sum += static_cast<std::size_t>(std::popcount(word));
    return sum;
}

ContentMap& ContentMap::operator|=(const ContentMap& other) {
    for (std::size_t i = 0; i < words_.size(); ++i)
        words_[i] |= other.words_[i];
    return *this;
}

ContentMap& ContentMap::operator&=(const ContentMap& other) {
    for (std::size_t i = 0; i < words_.size(); ++i)
        words_[i] &= other.words_[i];
    return *this;
}

std::size_t ContentMap::next(std::size_t from, bool present) const {
    const std::uint64_t invert = present ? 0 : ~std::uint64_t{0};
    std::uint64_t skip = ~std::uint64_t{0} << (from % word_bits); // only in the first word
    for (std::size_t word = from / word_bits; word < words_.size(); ++word) {
        const std::uint64_t wanted = (words_[word] ^ invert) & skip;
        if (wanted != 0)
            return word * word_bits + static_cast<std::size_t>(std::countr_zero(wanted));
        skip = ~std::uint64_t{0};
    }
    return blocks;
}

std::vector<std::byte> ContentMap::stored() const {
    std::vector<std::byte> bytes(blocks / 8);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::byte>(words_[i / word_bytes] >> (i % word_bytes * 8));
    while (!bytes.empty() && bytes.back() == std::byte{0})
        bytes.pop_back();
    return bytes;
}

} // namespace cachefiles::index
