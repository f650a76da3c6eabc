// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "daemon/config/exit_status.hpp"

#include <expected>
#include <filesystem>
#include <optional>
#include <string>

namespace cachefiles::daemon {

/// The command line: that of the stock daemon, and --check and --dump-config.
struct Options {
    enum class Action {
        run,
        check,       ///< --check: load the configuration, print what is wrong with it, end
        dump_config, ///< --dump-config: print the configuration in effect, end
    };

    Action action = Action::run;
    std::optional<std::filesystem::path> config_file;        ///< -f
    std::filesystem::path pid_file = "/run/cachefilesd.pid"; ///< -p; written when not in foreground
    bool foreground = false;                                 ///< -n
    bool log_to_stderr = false;                              ///< -s
    bool no_culling = false;                                 ///< -N
    unsigned debug = 0;                                      ///< how many -d
};

/// The command line has been dealt with: print `text` (to stdout for success, to stderr otherwise)
/// and end.
struct CommandLineEnd {
    ExitStatus status = ExitStatus::success; ///< success: --help, --version; or usage
    std::string text;                        ///< with its newline
};

/// Reads the command line. Not thread-safe (it is the first thing that main does).
[[nodiscard]] std::expected<Options, CommandLineEnd> parse_options(int argc,
                                                                   const char* const* argv);

} // namespace cachefiles::daemon
