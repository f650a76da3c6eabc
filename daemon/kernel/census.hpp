// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "index/index.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cachefiles::daemon {

/// What fscache says is in use: every cookie of the kernel in one read of its list, instead of one
/// question for each object (fscache-model.md section 10).
class Census final {
public:
    /// `tag` is the cache's name; `directory` normally /proc/fs/fscache.
    Census(std::string_view tag, std::filesystem::path directory = "/proc/fs/fscache");

    /// Objects of the index that have a cookie with an object attached; nothing if the lists
    /// cannot be read.
    [[nodiscard]] std::optional<std::vector<index::ObjectId>> objects_in_use(index::Index& index);

    /// Volumes of the index that a network file system holds.
    [[nodiscard]] std::optional<std::vector<index::VolumeId>> volumes_in_use(index::Index& index);

private:
    struct Held {
        std::uint32_t kernel_id = 0;
        std::string key;
        index::VolumeId volume = 0;
    };

    [[nodiscard]] std::optional<std::vector<Held>> held_volumes(index::Index& index) const;

    std::string tag_;
    std::filesystem::path directory_;
};

} // namespace cachefiles::daemon
