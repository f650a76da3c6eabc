// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/view/volumes_view.hpp"

#include "base/units.hpp"
#include "ctl/text/figures.hpp"
#include "ctl/text/table.hpp"
#include "ctl/text/visible.hpp"

#include <algorithm>

namespace cachefiles::ctl {

std::vector<VolumeValues> sorted(std::vector<VolumeValues> volumes, VolumeOrder order) {
    const auto largest = [&](auto member) {
        std::ranges::stable_sort(volumes, std::greater<>(), member);
    };
    std::ranges::sort(volumes, {}, &VolumeValues::key);
    switch (order) {
    case VolumeOrder::size:
        largest(&VolumeValues::bytes);
        break;
    case VolumeOrder::objects:
        largest(&VolumeValues::objects);
        break;
    case VolumeOrder::used:
        largest(&VolumeValues::newest_use);
        break;
    case VolumeOrder::name:
        break;
    }
    return volumes;
}

std::string volumes_view(const std::vector<VolumeValues>& volumes, std::uint64_t now_usec,
                         std::size_t most, const Style& style) {
    using enum Table::Align;
    Table table({{"VOLUME", left, true},
                 {"SIZE", right},
                 {"OBJECTS", right},
                 {"IN USE", right},
                 {"LAST USED", right},
                 {"", left}});
    const std::size_t count = most == 0 ? volumes.size() : std::min(most, volumes.size());
    for (std::size_t i = 0; i < count; ++i) {
        const VolumeValues& volume = volumes[i];
        table.add({visible(volume.key), format_bytes(volume.bytes), format_count(volume.objects),
                   format_count(volume.objects_in_use), format_ago(now_usec, volume.newest_use),
                   volume.pinned ? "pinned" : ""});
    }
    return table.text(style);
}

} // namespace cachefiles::ctl
