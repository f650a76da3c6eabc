// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cachefiles::mount {

/// A line of /proc/self/mountinfo (proc(5)).
struct MountEntry {
    std::uint64_t id = 0;
    std::string device; ///< MAJOR:MINOR
    std::string root;   ///< what of the file system is mounted
    std::string mount_point;
    std::string type; ///< with its subtype: fuse.sshfs
    std::string source;
};

/// The entry with that number; nothing if there is none.
[[nodiscard]] std::optional<MountEntry> find_mount(std::string_view mountinfo, std::uint64_t id);
/// What is mounted there last.
[[nodiscard]] std::optional<MountEntry> find_mount_at(std::string_view mountinfo,
                                                      std::string_view mount_point);

} // namespace cachefiles::mount
