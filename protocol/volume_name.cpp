// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/volume_name.hpp"

namespace cachefiles::protocol {

std::expected<std::string, VolumeKeyRefusal> encode_volume_name(std::string_view volume_key) {
    if (volume_key.empty())
        return std::unexpected(VolumeKeyRefusal::empty);
    if (volume_key.size() > max_volume_key)
        return std::unexpected(VolumeKeyRefusal::too_long);
    if (volume_key.find('/') != std::string_view::npos)
        return std::unexpected(VolumeKeyRefusal::slash);
    if (volume_key.find('\0') != std::string_view::npos)
        return std::unexpected(VolumeKeyRefusal::nul);
    return "I" + std::string(volume_key);
}

std::optional<std::string> decode_volume_name(std::string_view name) {
    if (!name.starts_with('I') || !encode_volume_name(name.substr(1)))
        return std::nullopt;
    return std::string(name.substr(1));
}

} // namespace cachefiles::protocol
