// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/cached_file.hpp"

#include <algorithm>
#include <utility>

namespace cachefiles::mount {

bool CachedFile::begin_writing() {
    const Lock lock(mutex_);
    return writers_++ > 0;
}

bool CachedFile::is_written() {
    const Lock lock(mutex_);
    return writers_ > 0;
}

/// What is being fetched was read before the change, and is for those who asked before it.
void CachedFile::wrote(std::span<const char> data, std::uint64_t start) {
    const std::shared_ptr<Cookie> cookie = this->cookie();
    {
        const Lock lock(mutex_);
        fetches_.clear();
        version_.size = std::max(version_.size, start + data.size());
    }
    cookie->wrote(data, start);
}

void CachedFile::resized(std::uint64_t size) {
    const std::shared_ptr<Cookie> cookie = this->cookie();
    {
        const Lock lock(mutex_);
        fetches_.clear();
        version_.size = size;
    }
    cookie->resized(size);
}

void CachedFile::spoiled() {
    const std::shared_ptr<Cookie> cookie = this->cookie();
    {
        const Lock lock(mutex_);
        fetches_.clear();
    }
    cookie->spoiled();
}

std::optional<Attributes> CachedFile::end_writing() {
    std::shared_ptr<Cookie> cookie;
    {
        const Lock lock(mutex_);
        if (--writers_ > 0)
            return {};
        cookie = cookie_;
    }
    const std::expected<int, int> path = path_.get();
    const std::expected<Attributes, int> attributes =
        path ? attributes_of(*path) : std::unexpected(path.error());
    if (!attributes) // what there is now, nobody can tell: the next to look finds another version
        return {};
    const Version version = Version::of(*attributes);
    {
        const Lock lock(mutex_);
        if (writers_ > 0)
            return {};
        version_ = version;
    }
    if (cookie)
        cookie->end_changes(version);
    return *attributes;
}

/// Also of a file that nobody has open: what is cached of it would be void otherwise.
void CachedFile::adopt(const Version& before, const Version& after) {
    const auto is_of_before = [&] {
        return writers_ == 0 && version_ == before;
    };
    {
        const Lock lock(mutex_);
        if (!is_of_before())
            return;
    }
    const std::shared_ptr<Cookie> cookie = this->cookie();
    {
        const Lock lock(mutex_);
        if (!is_of_before())
            return;
        version_ = after;
    }
    cookie->adopt(after);
}

} // namespace cachefiles::mount
