// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "base/fd.hpp"
#include "index/ids.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace cachefiles::daemon {

/// The directories of one cache (on-disk-format.md section 1): ROOT/cache/I<volume>/@xx/<object>
/// and ROOT/graveyard; and the user backend's J<hash> for volumes that the driver cannot name
/// (cache/store/alternative_name.hpp). Everything is opened from ROOT down, never through a
/// symbolic link and never on another mount, so that nothing outside the cache can be reached by a
/// name in it. Immutable; any thread.
class CacheTree final {
public:
    /// ROOT must exist; cache/ and graveyard/ are made at bind, so call this afterwards. Errors:
    /// SystemError.
    explicit CacheTree(const std::filesystem::path& root);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] int root() const { return root_.get(); }
    [[nodiscard]] int cache() const { return cache_.get(); }
    [[nodiscard]] int graveyard() const { return graveyard_.get(); }

    /// The directory's name in cache/; empty for a key that no volume has.
    [[nodiscard]] static std::string volume_name(std::string_view key);

    /// For reading, or an empty descriptor and errno.
    [[nodiscard]] Fd open_volume(std::string_view key) const;
    [[nodiscard]] Fd open_fanout(std::string_view key, std::uint8_t fanout) const;

private:
    [[nodiscard]] Fd open_below(const std::string& path) const;

    std::filesystem::path path_;
    Fd root_;
    Fd cache_;
    Fd graveyard_;
};

} // namespace cachefiles::daemon
