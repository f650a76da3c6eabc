// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/tree/sample_cache.hpp"

#include "base/error.hpp"
#include "protocol/fanout_name.hpp"
#include "protocol/hash.hpp"
#include "protocol/object_name.hpp"
#include "protocol/xattr.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <array>
#include <fstream>

namespace cachefiles::tests {
namespace {

// Later than any file that the tests make: the real clock's time plus ten years.
Seconds far_future() {
    return SystemClock().now() + 10LL * 365 * 86400;
}

void set_times(const std::filesystem::path& path, Seconds time) {
    const std::array<timespec, 2> times{timespec{time, 0}, timespec{time, 0}};
    if (utimensat(AT_FDCWD, path.c_str(), times.data(), 0) != 0)
        throw SystemError("utimensat " + path.native());
}

} // namespace

SampleCache::SampleCache() : clock(far_future()) {
    std::filesystem::create_directories(root() / "cache");
    std::filesystem::create_directories(root() / "graveyard");
    index::IndexOptions options;
    options.path = directory_.path() / "index.db";
    options.reserve = 0;
    index = index::Index::open(options, clock, log);
    tree = std::make_unique<daemon::CacheTree>(root());
}

std::uint8_t SampleCache::fanout(const std::string& volume, const std::string& key) {
    return protocol::fanout_of(protocol::cookie_hash(protocol::volume_hash(volume), key));
}

std::filesystem::path SampleCache::add(const std::string& volume, const std::string& key,
                                       Seconds last_use) {
    const std::filesystem::path directory =
        cache() / ("I" + volume) / protocol::format_fanout_name(fanout(volume, key));
    std::filesystem::create_directories(directory);
    const std::filesystem::path path = directory / protocol::encode_object_name(key).value();
    std::ofstream(path) << std::string(4096, 'x');
    const std::string xattr = protocol::format_object_xattr({4096, 0, 1, {}, "auxd"});
    setxattr(path.c_str(), protocol::xattr_name, xattr.data(), xattr.size(), 0);
    set_times(path, last_use);
    return path;
}

void SampleCache::settle(const std::string& volume) {
    for (const auto& entry : std::filesystem::directory_iterator(cache() / ("I" + volume)))
        set_times(entry.path(), 1'600'000'000);
}

} // namespace cachefiles::tests
