// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/config/config.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cachefiles::ctl::doctor {

/// A machine as its files show it: everything is looked for below `root`, so that a test can plant
/// what it wants to be found.
class Machine final {
public:
    explicit Machine(std::filesystem::path root) : root_(std::move(root)) {}

    [[nodiscard]] const std::filesystem::path& root() const { return root_; }
    /// The place of an absolute path.
    [[nodiscard]] std::filesystem::path at(const std::filesystem::path& path) const;
    [[nodiscard]] bool exists(const std::filesystem::path& path) const;
    /// The beginning (8 MiB) of a file; nothing if it cannot be read.
    [[nodiscard]] std::optional<std::string> read(const std::filesystem::path& path) const;
    /// The first line of it, without blanks at its end; "" if it cannot be read.
    [[nodiscard]] std::string line(const std::filesystem::path& path) const;
    /// Names, sorted; none if it cannot be read.
    [[nodiscard]] std::vector<std::string> list(const std::filesystem::path& directory) const;
    /// Where a symbolic link leads; "" if it is none.
    [[nodiscard]] std::string link(const std::filesystem::path& path) const;

private:
    std::filesystem::path root_;
};

/// A running process.
struct Process {
    std::string id;
    std::string name;
};

/// Who has that file open, as far as we may look.
[[nodiscard]] std::vector<Process> holders_of(const Machine& machine,
                                              const std::filesystem::path& file);
[[nodiscard]] std::vector<Process> processes_named(const Machine& machine, const std::string& name);

/// In the directory, or that itself; by their names only.
[[nodiscard]] bool is_below(const std::filesystem::path& path,
                            const std::filesystem::path& directory);

/// A line of /proc/self/mountinfo.
struct Mount {
    std::filesystem::path point;
    std::string type;    ///< "ext4"
    std::string options; ///< "rw,relatime", those of the mount and of the file system
    [[nodiscard]] bool has(std::string_view option) const;
};

[[nodiscard]] std::vector<Mount> mounts(const Machine& machine);
/// The one that a path lies on.
[[nodiscard]] std::optional<Mount> mount_of(const Machine& machine,
                                            const std::filesystem::path& path);

} // namespace cachefiles::ctl::doctor
