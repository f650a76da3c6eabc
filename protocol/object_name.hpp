// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// An object's file name is its cookie's key, encoded (on-disk format, section 5; Linux 5.17 and
/// later): 'D' and the key itself when it is printable, otherwise the shortest of 'S' (big-endian
/// hex words), 'T' (little-endian hex words) and 'E' (base 64 with an alphabet of its own).
namespace cachefiles::protocol {

/// Bytes. The driver takes up to 255 at first and hits a BUG() when a longer one is used.
inline constexpr std::size_t max_cookie_key = 252;

/// Bytes; of every file system that can hold a cache.
inline constexpr std::size_t max_file_name = 255;

enum class CookieKeyRefusal {
    empty,
    too_long,      ///< more than max_cookie_key
    name_too_long, ///< more than max_file_name. The driver cuts the name to its length modulo 256,
                   ///< so that unrelated keys share a file; a key of up to 189 bytes is always
                   ///< safe.
};

[[nodiscard]] std::expected<std::string, CookieKeyRefusal>
encode_object_name(std::string_view cookie_key);

/// Every key whose name this is, the longest first; none if no object has it. There are up to
/// four, because 'S' and 'T' names do not tell how many of the zeros in the last word are the
/// key's.
[[nodiscard]] std::vector<std::string> decode_object_name(std::string_view name);

/// Whether any key has this name.
[[nodiscard]] bool is_object_name(std::string_view name);

/// The fan-out directory that must hold an object of this name in a volume of this hash; nothing
/// if no key has the name. All keys of one name have the same.
[[nodiscard]] std::optional<std::uint8_t> object_fanout(std::uint32_t volume_hash,
                                                        std::string_view name);

} // namespace cachefiles::protocol
