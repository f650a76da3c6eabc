// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/cache_tree.hpp"

#include "base/error.hpp"
#include "base/open_beneath.hpp"

#include <fmt/format.h>

#include <fcntl.h>

namespace cachefiles::daemon {
namespace {

constexpr int directory = O_RDONLY | O_DIRECTORY;

Fd open_child(int root, const std::filesystem::path& path, const char* name) {
    Fd fd = open_beneath(root, name, directory);
    if (!fd)
        throw SystemError(fmt::format("cannot open {}/{}", path.native(), name));
    return fd;
}

} // namespace

CacheTree::CacheTree(const std::filesystem::path& root) : path_(root) {
    root_ = Fd(::open(root.c_str(), directory | O_CLOEXEC));
    if (!root_)
        throw SystemError(fmt::format("cannot open the cache directory {}", root.native()));
    cache_ = open_child(root_.get(), root, "cache");
    graveyard_ = open_child(root_.get(), root, "graveyard");
}

Fd CacheTree::open_volume(std::string_view key) const {
    return open_beneath(cache_.get(), fmt::format("I{}", key).c_str(), directory);
}

Fd CacheTree::open_fanout(std::string_view key, std::uint8_t fanout) const {
    return open_beneath(cache_.get(), fmt::format("I{}/@{:02x}", key, fanout).c_str(), directory);
}

} // namespace cachefiles::daemon
