// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/kernel/directory_reader.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace cachefiles::daemon {
namespace {

// 32 KiB or 1 MiB make no difference in speed (measured); this much fits a stack.
constexpr std::size_t getdents_buffer = 32 << 10;

constexpr int statx_flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC;

std::int64_t nanoseconds(const statx_timestamp& time) {
    return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

/// The kernel's record, of which glibc shows only readdir's.
struct Dirent {
    std::uint64_t inode;
    std::int64_t offset;
    std::uint16_t length;
    std::uint8_t type;
    char name[1];
};

} // namespace

void Foreign::add(std::string_view name) {
    if (entries++ == 0)
        example = name;
}

void Foreign::add(const Foreign& other) {
    if (entries == 0)
        example = other.example;
    entries += other.entries;
}

bool says_gone(int error) {
    return error == ENOENT || error == ENOTDIR || error == ELOOP || error == EXDEV;
}

std::optional<index::Attributes> look_at(int directory, const char* name) {
    struct statx status{};
    if (statx(directory, name, statx_flags, STATX_TYPE | STATX_ATIME | STATX_MTIME | STATX_BLOCKS,
              &status) != 0)
        return std::nullopt;
    if (!S_ISREG(status.stx_mode)) {
        errno = ENOENT;
        return std::nullopt;
    }
    index::Attributes attributes;
    attributes.bytes = status.stx_blocks * 512;
    attributes.last_use = std::max(status.stx_atime.tv_sec, status.stx_mtime.tv_sec);
    return attributes;
}

std::optional<std::int64_t> mtime_of(int directory) {
    struct statx status{};
    if (statx(directory, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MTIME, &status) != 0)
        return std::nullopt;
    return nanoseconds(status.stx_mtime);
}

bool read_names(int directory,
                const std::function<void(const char* name, unsigned char type)>& visit) {
    alignas(Dirent) std::array<char, getdents_buffer> buffer;
    if (lseek(directory, 0, SEEK_SET) != 0)
        return false;
    while (true) {
        const long length = syscall(SYS_getdents64, directory, buffer.data(), buffer.size());
        if (length <= 0)
            return length == 0;
        for (long at = 0; at < length;) {
            const auto* entry = reinterpret_cast<const Dirent*>(buffer.data() + at);
            at += entry->length;
            const char* name = &entry->name[0];
            if (name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0')))
                continue;
            visit(name, entry->type);
        }
    }
}

bool may_be_object(std::string_view name) {
    constexpr std::string_view encodings = "DSTE"; // on-disk-format.md section 5
    // A newline would end the driver's command early: another object would be culled.
    return !name.empty() && encodings.find(name.front()) != std::string_view::npos &&
           name.find('\n') == std::string_view::npos;
}

std::optional<DirectoryContents> read_directory(int directory) {
    DirectoryContents contents;
    const std::optional<std::int64_t> mtime = mtime_of(directory);
    if (!mtime)
        return std::nullopt;
    contents.mtime_ns = *mtime;
    int failure = 0;
    const auto visit = [&](const char* name, unsigned char type) {
        if ((type != DT_REG && type != DT_UNKNOWN) || !may_be_object(name)) {
            contents.foreign.add(name);
            return;
        }
        if (const std::optional<index::Attributes> attributes = look_at(directory, name))
            contents.objects.push_back({index::ObjectId(), name, *attributes});
        else if (!says_gone(errno))
            failure = errno;
        else if (type == DT_UNKNOWN)
            contents.foreign.add(name);
    };
    if (!read_names(directory, visit))
        return std::nullopt;
    if (failure != 0) {
        errno = failure;
        return std::nullopt;
    }
    return contents;
}

} // namespace cachefiles::daemon
