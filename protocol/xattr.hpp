// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The extended attributes of the cache (on-disk format, sections 3 and 6), and what the driver
/// makes of them when it looks an object or a volume up.
namespace cachefiles::protocol {

/// The same on objects and on volume directories; nothing else has one.
inline constexpr const char* xattr_name = "user.CacheFiles.cache";

/// Bytes before the coherency data.
inline constexpr std::size_t object_xattr_header = 18;
inline constexpr std::size_t volume_xattr_header = 4;

/// Of either kind; the driver keeps the length of coherency data in one byte.
inline constexpr std::size_t max_coherency_data = 255;

/// How an object's content is recorded. The driver writes 0 and 4 only, and takes what is cached
/// from the holes of the file. Other values occur and are valid.
enum class Content : std::uint8_t {
    no_data = 0,
    single = 1,
    all_present = 2,
    backing_map = 3,
    dirty = 4, ///< modified, and not yet committed: discarded at the next lookup
};

struct ObjectXattr {
    static constexpr std::uint8_t type_data = 1; ///< the only type there is

    std::uint64_t object_size = 0; ///< bytes, as the network file system sees it
    /// The driver writes 0, and never reads it. Ours have the content id of the file there, a
    /// random number other than 0; 0 says that the driver wrote the attribute.
    std::uint64_t zero_point = 0;
    std::uint8_t type = type_data;
    Content content = Content::no_data;
    std::string aux; ///< the network file system's coherency data

    bool operator==(const ObjectXattr&) const = default;
};

/// Nothing when shorter than its header or longer than any can be; every other value is one.
[[nodiscard]] std::optional<ObjectXattr> parse_object_xattr(std::string_view value);
[[nodiscard]] std::string format_object_xattr(const ObjectXattr& xattr);

/// The coherency data; nothing when too short, too long or of an unknown form.
[[nodiscard]] std::optional<std::string> parse_volume_xattr(std::string_view value);
[[nodiscard]] std::string format_volume_xattr(std::string_view coherency);

/// What a lookup makes of what it finds.
enum class Coherency {
    valid,
    stale,   ///< replaced: an object by a new one under its name, a volume by way of the graveyard
    refused, ///< left in place and never cached again until userspace removes it (6.1.100 and
             ///< later; stale before)
};

/// `stored` is the attribute, or nothing if there is none. An EIO from the file system, which ends
/// the cache, is the caller's.
[[nodiscard]] Coherency check_object_xattr(std::optional<std::string_view> stored,
                                           std::string_view expected_aux,
                                           std::uint64_t expected_size);
[[nodiscard]] Coherency check_volume_xattr(std::optional<std::string_view> stored,
                                           std::string_view expected_coherency);

/// The part of check_object_xattr that can be told without the cookie: stale or refused whatever
/// the cookie turns out to be, else valid. `aux_length`, if known, is that of the cookie.
[[nodiscard]] Coherency inspect_object_xattr(std::optional<std::string_view> stored,
                                             std::optional<std::size_t> aux_length);
/// The same for a volume and the length of its coherency data.
[[nodiscard]] Coherency inspect_volume_xattr(std::optional<std::string_view> stored,
                                             std::optional<std::size_t> coherency_length);

/// How much coherency data the objects of a volume have (Linux 6.1), from the first word of its
/// key; nothing for a network file system that is not known here. A hint: it may change.
[[nodiscard]] std::optional<std::size_t> expected_aux_length(std::string_view volume_key);
/// The same for the volume itself.
[[nodiscard]] std::optional<std::size_t> expected_coherency_length(std::string_view volume_key);

} // namespace cachefiles::protocol
