// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace cachefiles::mount {

/// What the command line says. cachefiles-mount(8) describes each.
struct Options {
    std::string source;
    std::string mount_point;
    bool read_only = true;
    /// How long names and attributes of files are believed. 0: open-to-close consistency.
    std::chrono::seconds revalidate{0};
    /// The same of directories on the way to them, so that a path costs one question and not one
    /// for each of its parts. NFS has 30 s.
    std::chrono::seconds directories{1};
    /// And the attributes of a file: those of the look-up answer the fstat(2) behind its open.
    std::chrono::milliseconds attributes{50};
    bool immutable = false; ///< for ever; `revalidate` does not count
    /// After which a request that waits for the source is answered ETIMEDOUT. 0: never.
    std::chrono::seconds time_out{60};
    std::uint64_t read_ahead = std::uint64_t{4} << 20; ///< bytes; 0: none
    std::string cache;                                 ///< its tag; empty: any
    std::string socket;                                ///< empty: libcachefiles' default
    bool allow_other = false;
    bool passthrough = true;
    std::string fs_name;     ///< as mount(8) lists it; empty: the source
    unsigned long flags = 0; ///< MS_* of mount(2)
    bool foreground = false;
    bool verbose = false;
};

enum class Action { mount, help, version, nothing };

struct Command {
    Action action = Action::mount;
    Options options;
};

/// As cachefiles-mount, or, if that is its name (argv[0]), as mount.cachefiles, which mount(8)
/// runs: there -f is a dry run. The error is for stderr.
[[nodiscard]] std::expected<Command, std::string> parse_command(int argc, char** argv);

/// The list of -o. Errors name the option.
[[nodiscard]] std::expected<void, std::string> parse_mount_options(std::string_view list,
                                                                   Options& options);

/// What --help prints.
[[nodiscard]] std::string usage();

} // namespace cachefiles::mount
