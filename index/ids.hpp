// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <compare>
#include <cstdint>

namespace cachefiles::index {

/// A volume's number in this index: 1 .. 2^20-1. It is never reused while the volume has objects.
using VolumeId = std::uint32_t;

inline constexpr VolumeId max_volume_id = (1U << 20) - 1;

/// One of the 256 fan-out directories of a volume.
struct DirectoryId {
    VolumeId volume = 0;
    std::uint8_t fanout = 0;

    auto operator<=>(const DirectoryId&) const = default;
    [[nodiscard]] constexpr std::int64_t packed() const {
        return (std::int64_t{volume} << 8) | fanout;
    }
    [[nodiscard]] static DirectoryId unpack(std::int64_t packed) {
        return {static_cast<VolumeId>(packed >> 8), static_cast<std::uint8_t>(packed)};
    }
};

/// An object's rowid: volume (20 bits), fan-out (8 bits), hash of the name (35 bits).
/// Objects of one directory lie side by side in the table, so that a directory is read, filled and
/// emptied in order, and a name is found without an index of names.
class ObjectId final {
public:
    static constexpr int hash_bits = 35;

    ObjectId() = default;
    explicit ObjectId(std::int64_t value) : value_(value) {}

    auto operator<=>(const ObjectId&) const = default;
    [[nodiscard]] std::int64_t value() const { return value_; }
    [[nodiscard]] DirectoryId directory() const { return DirectoryId::unpack(value_ >> hash_bits); }
    [[nodiscard]] VolumeId volume() const { return directory().volume; }

private:
    std::int64_t value_ = 0;
};

} // namespace cachefiles::index
