// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/index.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace cachefiles::daemon {

/// A path below cache/, as store::InUse has it: "I<volume>/@xx/<object>", or "I<volume>" alone.
struct ObjectPath {
    std::string_view volume; ///< the name of the directory
    std::uint8_t fanout = 0;
    std::string_view name; ///< empty: the volume itself
};

/// Nothing for any other path. Points into `path`.
[[nodiscard]] std::optional<ObjectPath> parse_object_path(std::string_view path);

/// The volumes of an index by the names of their directories, at this moment.
class VolumeNames final {
public:
    explicit VolumeNames(index::Index& index);

    /// 0: there is none of that name.
    [[nodiscard]] index::VolumeId find(std::string_view directory) const;

private:
    std::map<std::string, index::VolumeId, std::less<>> ids_;
};

} // namespace cachefiles::daemon
