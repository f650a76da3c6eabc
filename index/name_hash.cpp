// SPDX-License-Identifier: GPL-2.0-or-later
#include "index/name_hash.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace cachefiles::index {
namespace {

// Two odd constants with well spread bits (the golden ratio, and xxHash's second prime).
constexpr std::uint64_t multiplier = 0x9E3779B97F4A7C15;
constexpr std::uint64_t finisher = 0xC2B2AE3D27D4EB4F;

/// Little endian on every machine: ids are stored.
std::uint64_t load(const char* from, std::size_t size) {
    std::uint64_t word = 0;
    std::memcpy(&word, from, size);
    if constexpr (std::endian::native == std::endian::big)
        word = __builtin_bswap64(word);
    return word;
}

/// Eight bytes at a time, folding the 128-bit product: names are some 40 bytes, and a byte-wise
/// hash would cost as much as the look-up.
std::uint64_t hash(std::string_view name, std::uint64_t seed) {
    std::uint64_t state = seed ^ (name.size() * multiplier);
    const auto mix = [&state](std::uint64_t word) {
        __extension__ using Wide = unsigned __int128;
        const Wide product = Wide{state ^ word} * (multiplier ^ std::rotl(state, 32));
        state ^= static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
        state += finisher; // so that a product of zero does not stay zero
    };
    const char* at = name.data();
    std::size_t left = name.size();
    for (; left >= 8; at += 8, left -= 8)
        mix(load(at, 8));
    if (left > 0)
        mix(load(at, left));
    state ^= state >> 29;
    state *= finisher;
    return state ^ (state >> 32);
}

} // namespace

std::int64_t NameHash::home(DirectoryId directory, std::string_view name) const {
    const std::uint64_t bits =
        (hash(name, seed_) & mask_) & ((std::uint64_t{1} << ObjectId::hash_bits) - 1);
    const std::int64_t last_home = end_id(directory) - window;
    return std::min(first_id(directory) + static_cast<std::int64_t>(bits), last_home);
}

} // namespace cachefiles::index
