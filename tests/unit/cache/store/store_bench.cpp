// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/cache/store/store_bench.hpp"

#include "base/error.hpp"
#include "protocol/hash.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iostream>

namespace cachefiles::tests {
namespace {

std::string hex_of(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (const char c : bytes) {
        hex += digits[static_cast<unsigned char>(c) >> 4];
        hex += digits[static_cast<unsigned char>(c) & 15];
    }
    return hex;
}

std::string why_not() {
    try {
        const TemporaryDirectory directory;
        const cache::store::Root root(directory.path());
        return {};
    } catch (const SystemError& error) {
        return error.what();
    }
}

} // namespace

bool can_hold_a_store() {
    static const std::string refusal = [] {
        std::string why = why_not();
        if (!why.empty()) { // /tmp may be without extended attributes: where the test runs, then
            setenv("TMPDIR", std::filesystem::current_path().c_str(), 1);
            why = why_not();
        }
        return why;
    }();
    if (!refusal.empty())
        MESSAGE("skipped: ", refusal);
    return refusal.empty();
}

StoreBench::StoreBench() {
    // Times of files are the system's: tests that compare with them move this.
    clock.advance(std::chrono::seconds(::time(nullptr) - clock.now()));
    reopen();
}

void StoreBench::reopen() {
    store.reset();
    store = std::make_unique<cache::store::Store>(
        cache::store::Options{.root = root(),
                              .events = events,
                              .log = log,
                              .clock = clock,
                              .stop_limits = [this] { return limits; },
                              .index = index,
                              .on_changed =
                                  [this](index::DirectoryId directory) {
                                      changed.push_back(std::to_string(directory.volume) + "/" +
                                                        std::to_string(directory.fanout));
                                  },
                              .commit_interval = {},
                              .on_released =
                                  [this](std::uint64_t sectors) {
                                      const std::lock_guard lock(released_mutex_);
                                      released.push_back(sectors);
                                  },
                              .counters = counters});
}

std::unique_ptr<cache::BackendVolume>
StoreBench::attach(const std::string& key, const std::string& coherency, std::uint32_t owner) {
    return store->attach_volume(key, coherency, owner);
}

cache::Lookup StoreBench::look_up(cache::BackendVolume& volume, const std::string& key,
                                  const cache::Coherency& wanted, const std::string& of_volume) {
    const std::uint32_t salt = protocol::volume_hash(of_volume);
    return volume.look_up({key, protocol::cookie_hash(salt, key)}, wanted, [this] { ++negatives; });
}

void StoreBench::put(cache::BackendVolume& volume, const std::string& key,
                     const cache::Coherency& coherency, char fill) {
    const cache::Lookup lookup = look_up(volume, key, coherency);
    REQUIRE(lookup.object != nullptr);
    if (lookup.result == cache::Lookup::Result::found)
        lookup.object->prepare_to_write();
    write_file(lookup.object->file()->descriptor(), fill, (coherency.object_size + 4095) & ~4095UL);
    lookup.object->detach(cache::Ending::commit, coherency);
}

std::vector<std::string> StoreBench::files() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root() / "cache")) {
        if (!entry.is_directory())
            found.push_back(entry.path().lexically_relative(root() / "cache").native());
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::size_t StoreBench::buried() const {
    const std::filesystem::directory_iterator graves(root() / "graveyard");
    return static_cast<std::size_t>(std::distance(begin(graves), end(graves)));
}

std::optional<std::string> attribute_of(const std::filesystem::path& path, const char* name) {
    std::array<char, 4096> value{};
    const ssize_t length = getxattr(path.c_str(), name, value.data(), value.size());
    if (length < 0)
        return std::nullopt;
    return hex_of({value.data(), static_cast<std::size_t>(length)});
}

void set_attribute(const std::filesystem::path& path, const std::string& value, const char* name) {
    REQUIRE(lsetxattr(path.c_str(), name, value.data(), value.size(), 0) == 0);
}

void write_file(int fd, char fill, std::uint64_t size) {
    const std::string bytes(size, fill);
    REQUIRE(pwrite(fd, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(size));
}

char content_of(int fd) {
    std::string bytes(1 << 16, '\0');
    const ssize_t length = pread(fd, bytes.data(), bytes.size(), 0);
    if (length <= 0)
        return '?';
    bytes.resize(static_cast<std::size_t>(length));
    const bool same = bytes.find_first_not_of(bytes.front()) == std::string::npos;
    return same ? bytes.front() : '?';
}

char content_of(const std::filesystem::path& path) {
    const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    return content_of(fd.get());
}

std::uint64_t inode_of(const std::filesystem::path& path) {
    struct stat status{};
    REQUIRE(lstat(path.c_str(), &status) == 0);
    return status.st_ino;
}

std::uint64_t inode_of(int fd) {
    struct stat status{};
    REQUIRE(fstat(fd, &status) == 0);
    return status.st_ino;
}

std::size_t open_descriptors() {
    const std::filesystem::directory_iterator descriptors("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(descriptors), end(descriptors)));
}

} // namespace cachefiles::tests
