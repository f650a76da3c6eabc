// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cachefiles::index {

/// Which 256 KiB blocks of one GiB of an object are present: 4096 bits.
/// A block is present only when all of it is, or all up to the end of the object.
class ContentMap final {
public:
    static constexpr std::uint64_t block_size = 256 << 10;
    static constexpr std::size_t blocks = 4096;
    static constexpr std::uint64_t span_bytes = block_size * blocks; ///< 1 GiB

    ContentMap() = default;
    /// From the stored form (least significant bit first, zero tail cut off). What follows the
    /// first 512 bytes is ignored.
    explicit ContentMap(std::span<const std::byte> stored);

    /// Blocks beyond the end are absent; setting or clearing them does nothing.
    [[nodiscard]] bool test(std::size_t block) const;
    void set(std::size_t first, std::size_t count);
    void clear(std::size_t first, std::size_t count);
    [[nodiscard]] std::size_t count() const;
    [[nodiscard]] bool empty() const { return *this == ContentMap(); }
    /// What is present in either, or in both.
    ContentMap& operator|=(const ContentMap& other);
    ContentMap& operator&=(const ContentMap& other);
    /// First present (or absent) block at or after `from`; `blocks` if there is none.
    [[nodiscard]] std::size_t next(std::size_t from, bool present) const;
    /// The stored form; empty for an empty map.
    [[nodiscard]] std::vector<std::byte> stored() const;

    bool operator==(const ContentMap&) const = default;

private:
    std::array<std::uint64_t, blocks / 64> words_{};
};

} // namespace cachefiles::index
