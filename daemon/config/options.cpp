// SPDX-License-Identifier: GPL-2.0-or-later
// The only file that includes CLI11, which takes long to compile.
#include "daemon/config/options.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace cachefiles::daemon {
namespace {

/// Paths are taken as text: CLI11 would read a path with >>, up to the first blank.
struct Paths {
    std::string config_file;
    std::string pid_file;
};

std::string not_empty(const std::string& path) {
    return path.empty() ? "must not be empty" : "";
}

void add_options(CLI::App& app, Options& options, Paths& paths) {
    app.set_help_flag("-h,--help", "print this text and end");
    app.set_version_flag("-v,--version", "cachefilesd " CACHEFILESD_VERSION,
                         "print the version and end");
    app.add_option("-f,--config", paths.config_file,
                   "read this file instead of /etc/cachefilesd.yaml or /etc/cachefilesd.conf; "
                   "YAML if its name ends in .yaml or .yml")
        ->option_text("FILE")
        ->take_last()
        ->check(not_empty);
    app.add_option("-p,--pidfile", paths.pid_file, "write the process id here (not with -n)")
        ->option_text("FILE")
        ->take_last()
        ->check(not_empty);
    app.add_flag("-n,--foreground", options.foreground, "stay in the foreground");
    app.add_flag("-s,--stderr", options.log_to_stderr, "log to stderr");
    app.add_flag("-N,--no-culling", options.no_culling, "never cull anything");
    app.add_flag("-d,--debug", options.debug, "log more; may be given several times");
}

} // namespace

std::expected<Options, CommandLineEnd> parse_options(int argc, const char* const* argv) {
    CLI::App app("Keeps the local disk cache of network file systems healthy", "cachefilesd");
    Options options;
    bool check = false;
    bool dump = false;
    Paths paths;
    add_options(app, options, paths);
    CLI::Option* const check_flag = app.add_flag(
        "--check", check, "print what is wrong with the configuration and end: status 0 or 78");
    app.add_flag("--dump-config", dump, "print the configuration in effect and end")
        ->excludes(check_flag);
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        return std::unexpected(CommandLineEnd{ExitStatus::success, app.help()});
    } catch (const CLI::CallForVersion& version) {
        return std::unexpected(
            CommandLineEnd{ExitStatus::success, fmt::format("{}\n", version.what())});
    } catch (const CLI::ParseError& error) {
        std::string text = fmt::format("cachefilesd: {} (see --help)", error.what());
        std::ranges::replace(text, '\n', ' '); // of an argument
        return std::unexpected(CommandLineEnd{ExitStatus::usage, text + '\n'});
    }
    if (app.count("-f") > 0)
        options.config_file = paths.config_file;
    if (app.count("-p") > 0)
        options.pid_file = paths.pid_file;
    if (check)
        options.action = Options::Action::check;
    if (dump)
        options.action = Options::Action::dump_config;
    return options;
}

} // namespace cachefiles::daemon
