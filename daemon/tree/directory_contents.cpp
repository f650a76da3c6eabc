// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/tree/directory_contents.hpp"

#include "base/directory_reader.hpp"
#include "cache/store/alternative_name.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace cachefiles::daemon {
namespace {

constexpr int statx_flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC;

std::int64_t nanoseconds(const statx_timestamp& time) {
    return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

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
    DirectoryReader reader(directory);
    reader.rewind();
    while (const std::optional<DirectoryReader::Entry> entry = reader.next())
        visit(entry->name, entry->type);
    errno = reader.error();
    return reader.error() == 0;
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
        if (cache::store::is_left_over(name))
            return; // on its way to its name; the user backend removes it if a crash has left it
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
