// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

namespace cachefiles {

/// Reads the names in a directory (getdents64(2)) while they are being deleted. 32 KiB of memory.
/// Not thread-safe.
class DirectoryReader final {
public:
    struct Entry {
        const char* name;   ///< any bytes but '/' and NUL; valid until the next call of next()
        unsigned char type; ///< DT_*; DT_UNKNOWN on file systems that do not say
    };

    /// The descriptor is the caller's, and stays open as long as this reads. Reading begins where
    /// its offset is.
    explicit DirectoryReader(int directory);

    /// Nothing at the end and on errors; "." and ".." are left out.
    [[nodiscard]] std::optional<Entry> next();
    /// errno of what ended the reading; 0: the end of the directory.
    [[nodiscard]] int error() const { return error_; }
    /// From the start again, to see what was not there before.
    void rewind();

    [[nodiscard]] int fd() const { return directory_; }

private:
    [[nodiscard]] bool fill();

    int directory_;
    std::unique_ptr<std::byte[]> buffer_;
    std::size_t used_ = 0;
    std::size_t filled_ = 0;
    int error_ = 0;
};

} // namespace cachefiles
