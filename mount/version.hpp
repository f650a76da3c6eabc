// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

struct statx;
struct statx_timestamp;

namespace cachefiles::mount {

/// What tells a file's content from an earlier one: the coherency data of its cookie.
struct Version {
    struct Time {
        std::int64_t seconds = 0;
        std::uint32_t nanoseconds = 0;

        bool operator==(const Time&) const = default;
        auto operator<=>(const Time&) const = default;
    };

    std::uint64_t size = 0;
    Time modified;
    Time changed;

    bool operator==(const Version&) const = default;

    [[nodiscard]] static Version of(const struct statx& attributes);
    /// The system's clock, as file systems read it.
    [[nodiscard]] static Time now();

    /// As a cookie's coherency data: 32 bytes, little endian.
    [[nodiscard]] std::string bytes() const;

    /// Whether content that was read at `read_at` can be told from everything that is written
    /// later. Times of files are those of a clock that ticks: of milliseconds, or, where they are
    /// whole seconds, of up to two (FAT). Who writes again within a tick leaves the same version.
    [[nodiscard]] bool settled(const Time& read_at) const;
};

} // namespace cachefiles::mount
