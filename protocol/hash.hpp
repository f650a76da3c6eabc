// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

/// fscache's hash (Linux 5.17 and later). It decides in which fan-out directory an object lies, so
/// it is part of the on-disk format, the same on every architecture.
namespace cachefiles::protocol {

/// Of the bytes, taken as little-endian words; a last incomplete word is filled up with zeros.
[[nodiscard]] std::uint32_t fscache_hash(std::uint32_t salt, std::string_view bytes);

/// Of a volume key of at most 255 bytes (without the leading 'I' of its directory).
[[nodiscard]] std::uint32_t volume_hash(std::string_view volume_key);

/// Of a cookie key; the salt is the hash of its volume. Trailing zero bytes within the last word
/// make no difference.
[[nodiscard]] std::uint32_t cookie_hash(std::uint32_t volume_hash, std::string_view cookie_key);

/// The number of the fan-out directory: 0 .. 255.
[[nodiscard]] constexpr std::uint8_t fanout_of(std::uint32_t cookie_hash) {
    return static_cast<std::uint8_t>(cookie_hash);
}

} // namespace cachefiles::protocol
