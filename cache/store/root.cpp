// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache/store/root.hpp"

#include "base/error.hpp"
#include "base/open_beneath.hpp"
#include "cache/store/file_system_probe.hpp"
#include "cache/store/lock_holder.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

namespace cachefiles::cache::store {

Root::Root(const std::filesystem::path& path, int directory) : path_(path) {
    constexpr int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    root_ = Fd(directory < 0 ? open(path.c_str(), flags) : openat(directory, ".", flags));
    if (!root_)
        throw SystemError(fmt::format("cannot open the cache directory {}", path.native()));
    if (flock(root_.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            throw SystemError(fmt::format("cannot lock {}", path.native()));
        throw SystemError(
            fmt::format("{} is in use by {}", path.native(), lock_holder(root_.get())), EBUSY);
    }
    cache_ = open_part("cache");
    graveyard_ = open_part("graveyard");
    probe_file_system(path, cache_.get(), graveyard_.get());
}

void Root::unlock() const {
    flock(root_.get(), LOCK_UN);
}

Fd Root::open_part(const char* name) const {
    if (mkdirat(root_.get(), name, 0700) != 0 && errno != EEXIST)
        throw SystemError(fmt::format("cannot make {}", (path_ / name).native()));
    Fd part = open_beneath(root_.get(), name, O_RDONLY | O_DIRECTORY);
    if (!part)
        throw SystemError(fmt::format("cannot open {}", (path_ / name).native()));
    return part;
}

} // namespace cachefiles::cache::store
