// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/config/config.hpp"
#include "daemon/config/diagnostic.hpp"
#include "daemon/config/options.hpp"
#include "daemon/config/origin.hpp"

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cachefiles::daemon {

/// What decides which files are read, and what counts more than they do.
struct LoadRequest {
    std::optional<std::filesystem::path> file;    ///< -f
    bool no_culling = false;                      ///< -N
    unsigned debug = 0;                           ///< -d: one or more make the log level debug
    std::optional<std::string> state_directory;   ///< $STATE_DIRECTORY (of several, the first)
    std::optional<std::string> runtime_directory; ///< $RUNTIME_DIRECTORY, likewise
    std::filesystem::path etc = "/etc";           ///< elsewhere in tests

    /// From the command line and the environment.
    [[nodiscard]] static LoadRequest from(const Options& options);
};

struct LoadedConfig {
    Config config;
    Origins origins;
    Diagnostics notices;                      ///< to be logged once; nothing is wrong
    std::vector<std::filesystem::path> files; ///< what was read, in that order
};

/// Reads and validates the configuration, in the order in which later ones win:
///
/// 1. the defaults; for the index directory, $STATE_DIRECTORY; for the socket,
/// $RUNTIME_DIRECTORY/netfs
/// 2. FILE of -f; without it ETC/cachefilesd.yaml if it exists, else ETC/cachefilesd.conf if that
///    exists. FILE is YAML if its name ends in .yaml or .yml, and in stock's format otherwise.
/// 3. the drop-ins, FILE.d/*.yaml and *.yml by name, for a YAML FILE. Without -f those of
///    ETC/cachefilesd.yaml.d, whichever file was read before (none, or stock's).
/// 4. -N and -d
///
/// The rules of `volumes` in a later file are put before those of the earlier ones, since the first
/// rule that matches holds; an empty list (`volumes: []`) drops those of the earlier ones.
///
/// All errors are collected (the first 100 are returned). Nothing is thrown. Called again for a
/// reload; any thread.
[[nodiscard]] std::expected<LoadedConfig, Diagnostics> load(const LoadRequest& request);

/// Where load() looks for drop-ins, there or not; nothing if it does not: FILE is in stock's
/// format.
[[nodiscard]] std::optional<std::filesystem::path> drop_in_directory(const LoadRequest& request);

} // namespace cachefiles::daemon
