// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/user/object_path.hpp"

#include "daemon/tree/cache_tree.hpp"
#include "protocol/fanout_name.hpp"

namespace cachefiles::daemon {

std::optional<ObjectPath> parse_object_path(std::string_view path) {
    const std::size_t first = path.find('/');
    ObjectPath parsed{path.substr(0, first), 0, {}};
    if (first == std::string_view::npos)
        return parsed;
    const std::size_t second = path.find('/', first + 1);
    if (second == std::string_view::npos)
        return std::nullopt;
    const std::optional<std::uint8_t> fanout =
        protocol::parse_fanout_name(path.substr(first + 1, second - first - 1));
    if (!fanout)
        return std::nullopt;
    parsed.fanout = *fanout;
    parsed.name = path.substr(second + 1);
    return parsed;
}

VolumeNames::VolumeNames(index::Index& index) {
    for (const index::Volume& volume : index.volumes())
        ids_.emplace(CacheTree::volume_name(volume.key), volume.id);
}

index::VolumeId VolumeNames::find(std::string_view directory) const {
    const auto found = ids_.find(directory);
    return found != ids_.end() ? found->second : 0;
}

} // namespace cachefiles::daemon
