// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/tree/cache_tree.hpp"

#include "base/error.hpp"
#include "base/open_beneath.hpp"
#include "cache/store/alternative_name.hpp"
#include "protocol/fanout_name.hpp"

#include <fmt/format.h>

#include <fcntl.h>

#include <cerrno>

namespace cachefiles::daemon {
namespace {

constexpr int directory_flags = O_RDONLY | O_DIRECTORY;

Fd open_child(int root, const std::filesystem::path& path, const char* name) {
    Fd fd = open_beneath(root, name, directory_flags);
    if (!fd)
        throw SystemError(fmt::format("cannot open {}/{}", path.native(), name));
    return fd;
}

} // namespace

CacheTree::CacheTree(const std::filesystem::path& root) : path_(root) {
    root_ = Fd(::open(root.c_str(), directory_flags | O_CLOEXEC));
    if (!root_)
        throw SystemError(fmt::format("cannot open the cache directory {}", root.native()));
    cache_ = open_child(root_.get(), root, "cache");
    graveyard_ = open_child(root_.get(), root, "graveyard");
}

std::string CacheTree::volume_name(std::string_view key) {
    const auto name = cache::store::volume_name(key);
    return name ? name->name : std::string();
}

Fd CacheTree::open_below(const std::string& path) const {
    if (path.empty() || path.front() == '/') {
        errno = ENOENT; // no volume has that key
        return Fd();
    }
    return open_beneath(cache_.get(), path.c_str(), directory_flags);
}

Fd CacheTree::open_volume(std::string_view key) const {
    return open_below(volume_name(key));
}

Fd CacheTree::open_fanout(std::string_view key, std::uint8_t fanout) const {
    return open_below(volume_name(key) + '/' + protocol::format_fanout_name(fanout));
}

} // namespace cachefiles::daemon
