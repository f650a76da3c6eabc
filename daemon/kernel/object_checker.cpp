// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/object_checker.hpp"

#include "cache/store/alternative_name.hpp"
#include "protocol/hash.hpp"
#include "protocol/object_name.hpp"
#include "protocol/xattr.hpp"

#include <fmt/format.h>

#include <sys/xattr.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string_view>

namespace cachefiles::daemon {
namespace {

// The header, and the longest coherency data that a cookie can have, and one byte: what is longer
// still is too long anyway (ERANGE).
constexpr std::size_t longest_xattr = protocol::object_xattr_header + protocol::max_coherency_data;

bool refused_for_ever(const std::string& path, std::optional<std::size_t> aux_length) {
    std::array<char, longest_xattr + 1> value{};
    const ssize_t length =
        lgetxattr(path.c_str(), protocol::xattr_name, value.data(), value.size());
    if (length < 0 && errno == ERANGE)
        return true;
    if (length < 0 && errno != ENODATA)
        return false; // gone meanwhile, or not to be known
    std::optional<std::string_view> stored;
    if (length >= 0)
        stored = std::string_view(value.data(), static_cast<std::size_t>(length));
    return protocol::inspect_object_xattr(stored, aux_length) == protocol::Coherency::refused;
}

} // namespace

ObjectChecker::ObjectChecker(const CacheTree& tree, index::Index& index)
    : tree_(tree), index_(index) {}

bool ObjectChecker::step(std::vector<index::Object>& found) {
    const std::vector<index::DirectoryId> next = index_.unchecked(1);
    if (next.empty())
        return false;
    if (const std::optional<index::Volume> volume = index_.volume(next.front().volume))
        check(*volume, next.front(), found);
    index_.set_checked(next.front(), true);
    return true;
}

void ObjectChecker::check(const index::Volume& volume, index::DirectoryId directory,
                          std::vector<index::Object>& found) {
    const Fd fd = tree_.open_fanout(volume.key, directory.fanout);
    if (!fd)
        return;
    const std::uint32_t salt = protocol::volume_hash(volume.key);
    const std::optional<std::size_t> aux_length = protocol::expected_aux_length(volume.key);
    std::vector<index::Object> objects;
    index_.for_each(directory, [&](const index::Object& object) { objects.push_back(object); });
    for (index::Object& object : objects) {
        if (cache::store::is_alternative_object_name(object.name))
            continue; // the user backend's; the driver never looks it up
        const bool misplaced = protocol::object_fanout(salt, object.name) != directory.fanout;
        if (misplaced ||
            refused_for_ever(fmt::format("/proc/self/fd/{}/{}", fd.get(), object.name), aux_length))
            found.push_back(std::move(object));
    }
}

} // namespace cachefiles::daemon
