// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/object.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cachefiles::daemon {

/// Things in the cache that the driver did not put there: counted, reported, and left alone.
struct Foreign {
    std::uint64_t entries = 0;
    std::string example; ///< the name of one of them

    void add(std::string_view name);
    void add(const Foreign& other);
};

/// What a fan-out directory holds.
struct DirectoryContents {
    std::int64_t mtime_ns = 0;          ///< of the directory, before it was read
    std::vector<index::Object> objects; ///< without ids; state idle
    Foreign foreign;
};

/// Whether an error in opening or looking at something in the cache says that it is not there, or
/// is none of the driver's. After any other (EIO, EMFILE...) nothing is known: what was known
/// stays.
[[nodiscard]] bool says_gone(int error);

/// One look at an object's file: space and last use. Errors: nothing, with errno; ENOENT also if it
/// is no regular file. Last use is the later of atime and mtime: atime alone does not move on a
/// noatime mount, and by the day only on a relatime one; the driver writes without touching atime.
[[nodiscard]] std::optional<index::Attributes> look_at(int directory, const char* name);

/// mtime in ns since the epoch, or nothing.
[[nodiscard]] std::optional<std::int64_t> mtime_of(int directory);

/// Calls `visit` for every entry but "." and ".."; `type` is a DT_ value of readdir(3).
/// Errors: false, with errno.
[[nodiscard]] bool
read_names(int directory, const std::function<void(const char* name, unsigned char type)>& visit);

/// Reads a fan-out directory with the attributes of every object: one getdents and one statx each.
/// Errors: nothing, with errno.
[[nodiscard]] std::optional<DirectoryContents> read_directory(int directory);

/// Whether the driver may have made a file of that name (its first byte says the encoding).
[[nodiscard]] bool may_be_object(std::string_view name);

} // namespace cachefiles::daemon
