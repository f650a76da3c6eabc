// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace cachefiles::bench {

/// What populate.cpp fills a cache with: objects are numbered, and in turns of these volumes.

/// One like NFS (file handles as keys) and one like 9P (inode numbers).
inline const std::array<std::string, 2> volume_keys{
    "nfs,4.2,2,0,200000a,801,,,8,100000,100000,bb8,ea60,7530,ea60,1", "9p,cached0,bench"};

/// Of each object.
inline constexpr std::uint64_t object_size = 4096;

[[nodiscard]] constexpr std::size_t volume_of(std::uint64_t number) {
    return number % volume_keys.size();
}
[[nodiscard]] std::string cookie_key(std::uint64_t number);
/// The coherency data of that volume's objects.
[[nodiscard]] std::string aux_of(std::size_t volume);
/// Of the volume, and of one of its fan-out directories, below the cache's root.
[[nodiscard]] std::string directory_of(std::size_t volume);
[[nodiscard]] std::string directory_of(std::size_t volume, unsigned fanout);
/// A volume's directory as the driver makes it, with its fan-out directories, below the working
/// directory. Throws std::runtime_error.
void make_volume(std::size_t volume);

/// Throws std::runtime_error with errno's text if `result` is negative.
void check_system(long result, const std::string& what);

} // namespace cachefiles::bench
