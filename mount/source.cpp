// SPDX-License-Identifier: GPL-2.0-or-later
#include "mount/source.hpp"

#include "base/error.hpp"
#include "mount/mount_table.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>

namespace cachefiles::mount {
namespace {

constexpr std::size_t longest_key = 255; // cachefiles.h

/// FNV-1a, 64 bits, of one of a family of functions.
std::uint64_t hash(std::string_view text, std::uint64_t seed) {
    std::uint64_t value = 0xcbf29ce484222325U ^ seed;
    for (const char c : text) {
        value ^= static_cast<unsigned char>(c);
        value *= 0x100000001b3U;
    }
    return value;
}

std::string real_path(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr),
                                                           &std::free);
    if (real == nullptr)
        throw SystemError(fmt::format("cannot find {}", path));
    return real.get();
}

std::string mountinfo() {
    std::ifstream file("/proc/self/mountinfo");
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Of `path` below the directory `base`: "", or "/a/b".
std::string_view below(std::string_view path, std::string_view base) {
    if (base == "/")
        return path == "/" ? std::string_view() : path;
    return path.starts_with(base) ? path.substr(base.size()) : path;
}

std::uint64_t device_of(const Attributes& attributes) {
    return makedev(attributes.stx_dev_major, attributes.stx_dev_minor);
}

/// Type and bytes of the file's handle.
std::optional<std::string> handle_of(int file) {
    alignas(file_handle) std::array<char, sizeof(file_handle) + MAX_HANDLE_SZ> room{};
    auto* const handle = reinterpret_cast<file_handle*>(room.data());
    handle->handle_bytes = MAX_HANDLE_SZ;
    int mount_id = 0;
    if (name_to_handle_at(file, "", handle, &mount_id, AT_EMPTY_PATH) != 0)
        return {};
    return fmt::format("{:x}:", handle->handle_type) +
           std::string(room.data() + offsetof(file_handle, f_handle), handle->handle_bytes);
}

} // namespace

std::string short_key(std::string_view text) {
    if (text.size() <= longest_key)
        return std::string(text);
    const std::string sum = fmt::format("{:016x}{:016x}:", hash(text, 0), hash(text, text.size()));
    return sum + std::string(text.substr(text.size() - (longest_key - sum.size())));
}

Source::Source(const std::string& path) : path_(real_path(path)) {
    root_ = Fd(open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    // With O_PATH nobody was asked yet whether anything in it can be reached.
    if (!root_ || faccessat(root_.get(), ".", X_OK, AT_EACCESS) != 0)
        throw SystemError(fmt::format("cannot open {}", path_));
    const std::expected<Attributes, int> attributes = attributes_of(root_.get());
    if (!attributes)
        throw SystemError(fmt::format("cannot look at {}", path_), attributes.error());
    root_attributes_ = *attributes;
    volume_key_ = make_volume_key(attributes->stx_mnt_id);
    struct statfs status{};
    stable_inodes_ = fstatfs(root_.get(), &status) == 0 && status.f_type != FUSE_SUPER_MAGIC &&
                     handle_of(root_.get()).has_value();
}

std::string Source::make_volume_key(std::uint64_t mount_id) {
    const std::optional<MountEntry> entry = find_mount(mountinfo(), mount_id);
    if (!entry)
        return short_key("mount,," + path_);
    type_ = entry->type;
    const std::string root = entry->root == "/" ? "" : entry->root;
    return short_key(fmt::format("mount,{},{},{}{}", entry->type, entry->source, root,
                                 below(path_, entry->mount_point)));
}

Source::CookieKey Source::cookie_key(const std::function<std::expected<int, int>()>& file,
                                     const Attributes& attributes, std::string_view path) {
    // What is mounted below the source may be something else next time.
    if (stable_inodes_ && device_of(attributes) == device_of(root_attributes_)) {
        const std::expected<int, int> opened = file();
        if (const auto handle = opened ? handle_of(*opened) : std::nullopt)
            return {short_key("h" + *handle), true};
    }
    return {short_key(fmt::format("p{}", path)), false};
}

} // namespace cachefiles::mount
