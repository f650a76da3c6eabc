// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

/// The calls that the store makes on the cache, each a place where an error can be injected. The
/// class follows the driver's (fscache-model.md section 12). They return what the system does, and
/// set errno. Names are single components: never a path, never through a symbolic link. Any thread.
namespace cachefiles::cache::store::calls {

// Class read.
/// "dir lookup". O_PATH is not enough for O_TMPFILE, so for reading.
[[nodiscard]] Fd open_directory(int directory, const std::string& name);
/// "object lookup" and "commit lookup": what lies under the name, itself.
[[nodiscard]] int look_at(int directory, const std::string& name, struct stat& status);
/// Of a file, or nothing that can be told from a mode: see open_object().
[[nodiscard]] ssize_t get_xattr(int fd, const char* name, char* value, std::size_t size);
/// Where the first data at or after `offset` begins, or (`data` false) the first hole. -1 with
/// ENXIO: there is none.
[[nodiscard]] std::int64_t seek(int fd, std::uint64_t offset, bool data);
/// Gives an unnamed file its name; EEXIST if it is taken.
[[nodiscard]] int link_file(int fd, int directory, const std::string& name);
/// Takes the place of what is there, or with RENAME_NOREPLACE in `flags` of nothing.
[[nodiscard]] int rename_entry(int from, const std::string& old_name, int to,
                               const std::string& new_name, unsigned flags);

// Class write.
[[nodiscard]] int make_directory(int directory, const std::string& name);
/// Unnamed, for reading and writing, mode 0600 as since Linux 6.12.
[[nodiscard]] Fd open_tmpfile(int directory);
/// "tmpfile extend" and "size adjust".
[[nodiscard]] int set_size(int fd, std::uint64_t size);
/// Where the file system cannot do it, zeros are written.
[[nodiscard]] int zero_range(int fd, std::uint64_t offset, std::uint64_t length);
[[nodiscard]] int set_xattr(int fd, const char* name, const std::string& value);

// Class remove.
[[nodiscard]] int unlink_file(int directory, const std::string& name);
/// "shrink truncate" and "tail discard".
[[nodiscard]] int cut(int fd, std::uint64_t size);
/// Makes a hole, within the size.
[[nodiscard]] int punch(int fd, std::uint64_t offset, std::uint64_t length);
[[nodiscard]] int remove_xattr(int fd, const char* name);

// Class flush.
[[nodiscard]] int flush_data(int fd);
[[nodiscard]] int flush_all(int fd);
[[nodiscard]] int flush_file_system(int fd);

// Never injected; open_object() as in the driver.
/// Has the disk begin with what was written there, and does not wait. What fails is reported by the
/// next flush: this one must not take the report away from it.
void begin_flush(int fd, std::uint64_t offset, std::uint64_t length);
/// A regular file for reading and writing; ENOTSUP if it has become something else. A file of mode
/// 0000 (Linux 6.1) of our own is made readable.
[[nodiscard]] Fd open_object(int directory, const std::string& name);

} // namespace cachefiles::cache::store::calls
