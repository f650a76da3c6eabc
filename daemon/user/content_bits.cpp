// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/user/content_bits.hpp"

#include "cache/store/attribute.hpp"
#include "protocol/xattr.hpp"

#include <algorithm>

namespace cachefiles::daemon {
namespace {

index::ContentId content_of(int file) {
    const auto stored = cache::store::read_attribute(file, protocol::xattr_name);
    if (!stored || !*stored)
        return 0;
    const auto xattr = protocol::parse_object_xattr(**stored);
    return xattr ? xattr->zero_point : 0;
}

} // namespace

std::optional<std::string> content_bits(index::Index& index, int file, index::ObjectId object) {
    const index::ContentId content = content_of(file);
    if (content == 0)
        return std::nullopt;
    constexpr std::size_t bytes_per_map = index::ContentMap::blocks / 8;
    std::string bits;
    for (const index::NumberedMap& one : index.content_maps(object, content)) {
        const std::vector<std::byte> stored = one.map.stored();
        const std::size_t begin = one.number * bytes_per_map;
        bits.resize(std::max(bits.size(), begin + stored.size()));
        std::ranges::transform(stored, bits.begin() + static_cast<std::ptrdiff_t>(begin),
                               [](std::byte byte) { return static_cast<char>(byte); });
    }
    return bits;
}

} // namespace cachefiles::daemon
