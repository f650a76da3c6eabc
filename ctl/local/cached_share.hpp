// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace cachefiles::ctl {

/// How much of a file is in the cache.
struct CachedShare {
    std::uint64_t cached = 0; ///< bytes
    std::uint64_t size = 0;   ///< bytes

    [[nodiscard]] bool whole() const { return cached >= size; }
    [[nodiscard]] std::uint64_t missing() const { return whole() ? 0 : size - cached; }
};

/// What a cachefiles-mount says of itself.
struct MountFacts {
    std::string source;
    bool online = false; ///< it has a cache at this moment
};

/// Whom to ask. Thread: any. Errors: errno; ENODATA: this is on no cachefiles-mount.
class CachedShares {
public:
    virtual ~CachedShares() = default;
    /// Of a regular file, by a descriptor for which O_PATH is enough.
    [[nodiscard]] virtual std::expected<CachedShare, int> of(int file) const = 0;
    /// Of the mount that anything is on.
    [[nodiscard]] virtual std::expected<MountFacts, int> mount(int place) const = 0;
};

/// By the virtual extended attributes of cachefiles-mount(8), without opening the file.
class MountShares final : public CachedShares {
public:
    [[nodiscard]] std::expected<CachedShare, int> of(int file) const override;
    [[nodiscard]] std::expected<MountFacts, int> mount(int place) const override;
};

/// "CACHED SIZE"; nothing if it is something else.
[[nodiscard]] std::optional<CachedShare> parse_share(std::string_view text);
/// Lines of "key=value"; those that are not known are of later versions.
[[nodiscard]] MountFacts parse_mount_facts(std::string_view text);

} // namespace cachefiles::ctl
