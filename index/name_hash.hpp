// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/ids.hpp"

#include <cstdint>
#include <string_view>

namespace cachefiles::index {

/// Where an object's id is looked for: its name's home and the 7 ids that follow it.
///
/// In a directory of 100,000 names some 0.3 names share a home with another; the next free id of
/// the window is taken then. Nine names in one window is what only somebody who knows the hash
/// can arrange, so it has a seed, random for each database. The ninth object is not recorded.
class NameHash final {
public:
    static constexpr std::int64_t window = 8;

    /// `mask` is for tests: a narrow one makes collisions.
    explicit NameHash(std::uint64_t seed, std::uint64_t mask = ~std::uint64_t{0})
        : seed_(seed), mask_(mask) {}

    /// First id of the window, which never reaches beyond the directory.
    [[nodiscard]] std::int64_t home(DirectoryId directory, std::string_view name) const;

private:
    std::uint64_t seed_;
    std::uint64_t mask_;
};

/// The first id of a directory, and the first after it (of the last volume's last, the last).
[[nodiscard]] constexpr std::int64_t first_id(DirectoryId directory) {
    return directory.packed() << ObjectId::hash_bits;
}
[[nodiscard]] constexpr std::int64_t end_id(DirectoryId directory) {
    const std::int64_t first = first_id(directory);
    constexpr std::int64_t size = std::int64_t{1} << ObjectId::hash_bits;
    return first <= INT64_MAX - size ? first + size : INT64_MAX;
}
/// The same of a volume.
[[nodiscard]] constexpr std::int64_t first_id(VolumeId volume) {
    return first_id(DirectoryId{volume, 0});
}
[[nodiscard]] constexpr std::int64_t end_id(VolumeId volume) {
    return end_id(DirectoryId{volume, 255});
}

} // namespace cachefiles::index
