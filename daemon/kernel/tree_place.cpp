// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/tree_place.hpp"

#include "protocol/fanout_name.hpp"

namespace cachefiles::daemon {

std::optional<TreePlace> tree_place(std::string_view path_in_cache) {
    if (path_in_cache.empty())
        return TreePlace{};
    const std::size_t slash = path_in_cache.find('/');
    const std::string_view volume = path_in_cache.substr(0, slash);
    if (volume.size() < 2 || volume.front() != 'I')
        return std::nullopt;
    TreePlace place{Place::volume, volume.substr(1), 0};
    if (slash == std::string_view::npos)
        return place;
    const std::optional<std::uint8_t> fanout =
        protocol::parse_fanout_name(path_in_cache.substr(slash + 1));
    if (!fanout)
        return std::nullopt;
    place.place = Place::fanout;
    place.fanout = *fanout;
    return place;
}

} // namespace cachefiles::daemon
