// SPDX-License-Identifier: GPL-2.0-or-later
// The life of the process: what was asked for, the configuration, the cache online, the loop, the
// cache offline (or left with the service manager), the end.
#include "base/error.hpp"
#include "daemon/config/dump.hpp"
#include "daemon/config/load.hpp"
#include "daemon/config/options.hpp"
#include "daemon/daemon.hpp"
#include "daemon/system/background.hpp"
#include "daemon/system/journal_log.hpp"
#include "daemon/system/notify.hpp"
#include "daemon/system/pid_file.hpp"

#include <fmt/format.h>

#include <malloc.h>

#include <cstdio>
#include <exception>
#include <iostream>
#include <optional>

using namespace cachefiles;
using namespace cachefiles::daemon;

namespace {

int status(ExitStatus value) {
    return static_cast<int>(value);
}

int end_of_command_line(const CommandLineEnd& end) {
    std::fputs(end.text.c_str(), end.status == ExitStatus::success ? stdout : stderr);
    return status(end.status);
}

void print(const Diagnostics& diagnostics) {
    for (const Diagnostic& diagnostic : diagnostics)
        std::cerr << diagnostic.to_string() << '\n';
}

LogTarget log_target(const Options& options, bool detach) {
    if (options.log_to_stderr)
        return LogTarget::error_output;
    return detach ? LogTarget::syslog : LogTarget::automatic;
}

/// Stock's way of starting: without -n, and under no service manager, the process detaches. The
/// caller's wait ends when the cache is online, or with the failure.
int serve(const Options& options, LoadedConfig config) {
    const bool detach = !options.foreground && !notify::supervised();
    std::optional<Background> background;
    if (detach)
        background.emplace();
    JournalLog log(log_target(options, detach), config.config.daemon.log_level);
    try {
        for (const Diagnostic& notice : config.notices)
            log.notice(notice.to_string());
        notify::status("Binding the cache");
        const SystemClock clock;
        Daemon daemon(LoadRequest::from(options), std::move(config), clock, log);
        std::optional<PidFile> pid_file;
        if (background) {
            pid_file.emplace(options.pid_file);
            background->ready();
        }
        daemon.run();
        return status(ExitStatus::success);
    } catch (const SystemError& error) {
        log.error(error.what());
        notify::failed(error.error());
    } catch (const std::exception& error) {
        log.error(error.what());
    }
    if (background)
        background->failed(status(ExitStatus::failure));
    return status(ExitStatus::failure);
}

} // namespace

int main(int argc, char** argv) {
    // The threads seldom allocate at the same time. A heap for each would cost memory, and a system
    // call for each page of the index that comes into it.
    mallopt(M_ARENA_MAX, 1);
    const std::expected<Options, CommandLineEnd> options = parse_options(argc, argv);
    if (!options)
        return end_of_command_line(options.error());
    std::expected<LoadedConfig, Diagnostics> config = load(LoadRequest::from(*options));
    if (!config) {
        print(config.error());
        return status(ExitStatus::config);
    }
    switch (options->action) {
    case Options::Action::check:
        print(config->notices);
        return status(ExitStatus::success);
    case Options::Action::dump_config:
        std::cout << dump(config->config, config->origins);
        return status(ExitStatus::success);
    case Options::Action::run:
        break;
    }
    return serve(*options, std::move(*config));
}
