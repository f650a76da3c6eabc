// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/attribute.hpp"

#include "cache/store/calls.hpp"
#include "protocol/xattr.hpp"

#include <array>
#include <cerrno>

namespace cachefiles::cache::store {

std::expected<std::optional<std::string>, int> read_attribute(int fd, const char* name) {
    std::array<char, protocol::object_xattr_header + protocol::max_coherency_data + 1> value{};
    const ssize_t length = calls::get_xattr(fd, name, value.data(), value.size());
    if (length >= 0)
        return std::string(value.data(), static_cast<std::size_t>(length));
    if (errno == ENODATA)
        return std::nullopt;
    if (errno == ERANGE)
        return std::string(value.size(), '\0');
    return std::unexpected(errno);
}

} // namespace cachefiles::cache::store
