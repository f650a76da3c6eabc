// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>

namespace cachefiles::index {

/// Disk space that is kept until the disk is full: who has to make room must be able to write
/// down that there is some. No errors: a reserve that cannot be had is one that is not there.
class ReserveFile final {
public:
    /// Takes over a file that an earlier run left.
    ReserveFile(std::filesystem::path path, std::uint64_t bytes);

    [[nodiscard]] bool there() const { return there_; }
    /// Sets the space aside if the disk has twice as much: never the last there is.
    bool make();
    /// Gives it back to the disk. False if there was none.
    bool give_up();
    /// Bytes that can still be written to the file system; the largest number if unknown.
    [[nodiscard]] std::uint64_t free_space() const;

private:
    std::filesystem::path path_;
    std::uint64_t bytes_;
    bool there_ = false;
};

} // namespace cachefiles::index
