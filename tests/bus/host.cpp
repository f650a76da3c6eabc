// SPDX-License-Identifier: GPL-2.0-or-later
// org.cachefiles1 without a cache: the service as the daemon has it, over a fake administration.
// tests/bus/README.md says how to use it.
#include "daemon/bus/bus.hpp"
#include "daemon/system/event_loop.hpp"
#include "daemon/system/journal_log.hpp"
#include "tests/bus/fake_administration.hpp"

#include <signal.h>

#include <iostream>
#include <string>
#include <thread>

using namespace cachefiles;
using namespace cachefiles::daemon;

namespace {

/// One answer for each line of standard input.
void take_commands(tests::FakeAdministration& administration, EventLoop& loop) {
    for (std::string line; std::getline(std::cin, line);)
        std::cout << (administration.command(line) ? "ok" : "what?") << std::endl;
    loop.post([&] { loop.stop(); });
}

} // namespace

int main(int argc, char** argv) {
    bool manual = false;
    bool commands = false;
    for (int i = 1; i < argc; ++i) {
        const std::string_view option = argv[i];
        manual |= option == "--manual";
        commands |= option == "--commands";
    }
    JournalLog log(LogTarget::error_output, Severity::info);
    EventLoop loop;
    loop.on_signals({SIGTERM, SIGINT}, [&](int) { loop.stop(); });
    tests::FakeAdministration administration(manual);
    const bus::Bus bus({.administration = &administration,
                        .loop = loop,
                        .log = log,
                        .version = CACHEFILESD_VERSION,
                        .backend = "user",
                        .reload = [&] { return administration.reload(); },
                        .log_level = [&] { return log.level(); },
                        .set_log_level = [&](Severity level) { log.set_level(level); },
                        .log_target = log.target()});
    if (commands)
        std::thread([&] { take_commands(administration, loop); }).detach();
    loop.run();
    return 0;
}
