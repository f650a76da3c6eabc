// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

/// A volume's directory is named 'I' and the volume's key, not encoded (on-disk format, section 2).
namespace cachefiles::protocol {

/// Bytes. The driver acquires a volume with a key of 255, but can never make its directory.
inline constexpr std::size_t max_volume_key = 254;

enum class VolumeKeyRefusal {
    empty,    ///< the driver would make a directory "I"; its name buffers are a byte too short then
    too_long, ///< more than max_volume_key
    slash,    ///< the driver acquires the volume and never caches it (EACCES)
    nul,      ///< a volume key is a NUL-terminated string
};

[[nodiscard]] std::expected<std::string, VolumeKeyRefusal>
encode_volume_name(std::string_view volume_key);

/// The key of the volume whose directory has this name; nothing if no volume has it.
[[nodiscard]] std::optional<std::string> decode_volume_name(std::string_view name);

} // namespace cachefiles::protocol
