// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cachefiles::protocol {

/// What a read() of /dev/cachefiles answers once the cache is bound (command protocol, section 5).
/// Limits are absolute: free inodes, and free blocks of the file system's f_bsize.
struct StateLine {
    bool culling = false;
    std::uint64_t frun = 0;
    std::uint64_t fcull = 0;
    std::uint64_t fstop = 0;
    std::uint64_t brun = 0;
    std::uint64_t bcull = 0;
    std::uint64_t bstop = 0;
    std::uint32_t freleased = 0; ///< objects put out of use since the last read
    std::uint64_t breleased = 0; ///< their size in 512-byte sectors, unlike the limits

    bool operator==(const StateLine&) const = default;
};

/// Any order, and fields that are not known here, are accepted. Nothing if a known field is
/// missing, comes twice or is no lower-case hex number that fits.
[[nodiscard]] std::optional<StateLine> parse_state_line(std::string_view text);

/// Exactly as the driver: no newline, no NUL.
[[nodiscard]] std::string format_state_line(const StateLine& state);

} // namespace cachefiles::protocol
