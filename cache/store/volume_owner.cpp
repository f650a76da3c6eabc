// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/volume_owner.hpp"

#include "cache/store/attribute.hpp"
#include "cache/store/calls.hpp"
#include "protocol/xattr.hpp"

#include <expected>
#include <optional>
#include <string>

namespace cachefiles::cache::store {

bool may_use(int directory, std::uint32_t user) {
    if (user == 0)
        return true;
    const std::expected<std::optional<std::string>, int> owner =
        read_attribute(directory, owner_xattr);
    if (owner && *owner == std::to_string(user))
        return true;
    const std::expected<std::optional<std::string>, int> coherency =
        read_attribute(directory, protocol::xattr_name);
    return owner && !*owner && coherency && !*coherency; // not finished
}

int set_owner(int directory, std::uint32_t user) {
    return user == 0 ? 0 : calls::set_xattr(directory, owner_xattr, std::to_string(user));
}

} // namespace cachefiles::cache::store
