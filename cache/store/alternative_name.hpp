// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Names for keys that the driver cannot name, or names alike (on-disk-format.md sections 2 and
/// 5.1), and for what has no key at all. None of them is the name of any key, so the driver never
/// looks them up:
///
///   Ex<16 hex digits><2 hex digits>  an object: hash and length of its key
///   Ey                               an object on its way to its name; one for each fan-out
///   J<16 hex digits><2 hex digits>   a volume: hash and length of its key
///
/// In an 'E' name a digit from 0 to 2 follows; 'J' is of the layout before Linux 5.17. Daemons take
/// the first two for objects and the third for a directory of that layout: they cull them as they
/// do any other, and do not delete them as foreign. The key itself is in the attribute key_xattr,
/// so that keys of the same hash are told apart.
namespace cachefiles::cache::store {

/// Beside the driver's own attribute; it holds the bytes of the key.
inline constexpr const char* key_xattr = "user.CacheFiles.key";

inline constexpr std::string_view temporary_name = "Ey";

[[nodiscard]] std::string alternative_object_name(std::string_view cookie_key);
[[nodiscard]] std::string alternative_volume_name(std::string_view volume_key);

/// Whether a name has the form of the two above.
[[nodiscard]] bool is_alternative_object_name(std::string_view name);
[[nodiscard]] bool is_alternative_volume_name(std::string_view name);

/// Where a cookie's object can be.
struct ObjectNames {
    std::optional<std::string> drivers;     ///< the driver's; none if it cannot name the key
    std::optional<std::string> alternative; ///< none if no other key has the driver's name
};
/// One of the two at least.
[[nodiscard]] ObjectNames object_names(std::string_view cookie_key);

/// Whether a file of this name was left by a crash while it was on its way; nobody needs it.
[[nodiscard]] bool is_left_over(std::string_view name);

/// The directory of a volume; nothing for a key that no volume has (empty, or of more than 255
/// bytes).
struct VolumeName {
    std::string name;
    bool alternative = false;
};
[[nodiscard]] std::optional<VolumeName> volume_name(std::string_view volume_key);

} // namespace cachefiles::cache::store
