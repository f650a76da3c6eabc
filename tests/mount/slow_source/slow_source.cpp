// SPDX-License-Identifier: GPL-2.0-or-later
// Shows a directory as a slow, far file system would: each request takes its time, the bandwidth
// is limited, the kernel may not believe anything it has heard before, and there are faults on
// request. Stays in the foreground, and says "ready" when the mount is there; SIGTERM ends it.
//
// With --control=SOCKET it takes lines at any time (Network::command()), each answered by a line:
//   hang          everything waits, until one of the next two (or a signal to the caller: EINTR)
//   error=EIO     everything fails
//   ok            nothing is wrong any more
//   delay=2000    microseconds for each request     rate=1048576  bytes in a second; 0: no limit
//   counts        how many requests there were, and bytes
#include "base/error.hpp"
#include "base/units.hpp"
#include "tests/mount/slow_source/control.hpp"
#include "tests/mount/slow_source/source_operations.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cachefiles::slow_source {
namespace {

constexpr unsigned threads = 256; // requests that can be under way at a time

struct Options {
    std::filesystem::path directory, mount_point, control;
    std::uint64_t delay = 0; // microseconds
    std::string rate = "0";
    bool writable = false;
    bool direct = false;
};

Options parse(int argc, char** argv) {
    Options options;
    CLI::App app("Shows DIRECTORY at MOUNTPOINT, slowly");
    app.add_option("directory", options.directory)->required();
    app.add_option("mountpoint", options.mount_point)->required();
    app.add_option("--delay", options.delay, "of each request: 500us, 2ms, 1s")
        ->transform(CLI::AsNumberWithUnit(
            std::map<std::string, std::uint64_t>{{"us", 1}, {"ms", 1000}, {"s", 1'000'000}},
            CLI::AsNumberWithUnit::UNIT_REQUIRED));
    app.add_option("--rate", options.rate, "of the link: 100MiB in a second");
    app.add_option("--control", options.control, "socket to make");
    app.add_flag("--rw", options.writable);
    app.add_flag("--direct", options.direct, "the kernel caches no data; nothing can be mapped");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error));
    }
    return options;
}

struct Destroy {
    void operator()(fuse_session* session) const { fuse_session_destroy(session); }
    void operator()(fuse_loop_config* config) const { fuse_loop_cfg_destroy(config); }
};
using Session = std::unique_ptr<fuse_session, Destroy>;

Session make_session(const Options& options, Source& source) {
    fuse_lowlevel_ops operations = source_operations();
    if (options.writable)
        add_changes(operations);
    std::string program = "slow_source";
    std::string option = "-o";
    std::string values = "fsname=slow_source,subtype=slow";
    values += options.writable ? ",rw" : ",ro";
    if (geteuid() == 0)
        values += ",allow_other,dev,suid";
    std::array<char*, 3> words{program.data(), option.data(), values.data()};
    fuse_args args = FUSE_ARGS_INIT(static_cast<int>(words.size()), words.data());
    Session session(fuse_session_new(&args, &operations, sizeof operations, &source));
    fuse_opt_free_args(&args);
    if (!session || fuse_session_mount(session.get(), options.mount_point.c_str()) != 0)
        throw SystemError(fmt::format("cannot mount at {}", options.mount_point.native()));
    return session;
}

/// A descriptor for each file that the kernel knows.
void raise_descriptor_limit() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    if (geteuid() == 0)
        limit.rlim_max = std::max<rlim_t>(limit.rlim_max, 1 << 20);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int run(const Options& options) {
    raise_descriptor_limit();
    umask(0);                    // the kernel has applied the caller's
    prctl(PR_SET_TIMERSLACK, 1); // a delay is what it says; the threads inherit it
    const std::optional<std::uint64_t> rate = parse_bytes(options.rate);
    if (!rate)
        throw SystemError(fmt::format("--rate={}", options.rate), EINVAL);
    Source source{Nodes(options.directory),
                  Network({.delay = std::chrono::microseconds(options.delay), .rate = *rate}),
                  options.direct};
    const Session session = make_session(options, source);
    const pthread_t loop = pthread_self();
    struct sigaction wake{}; // without SA_RESTART: ends sem_wait(3), in which the loop is
    wake.sa_handler = [](int) {
    };
    sigaction(SIGUSR1, &wake, nullptr);
    int result = 0;
    {
        const Control control(
            options.control, [&](std::string_view line) { return source.network.command(line); },
            [&] {
                source.network.stop();
                fuse_session_exit(session.get());
                pthread_kill(loop, SIGUSR1);
            });
        fmt::print("ready\n");
        std::fflush(stdout);
        const std::unique_ptr<fuse_loop_config, Destroy> config(fuse_loop_cfg_create());
        fuse_loop_cfg_set_max_threads(config.get(), threads);
        fuse_loop_cfg_set_idle_threads(config.get(), threads);
        result = fuse_session_loop_mt(session.get(), config.get());
    }
    fuse_session_unmount(session.get());
    return result == 0 ? 0 : 1;
}

} // namespace
} // namespace cachefiles::slow_source

int main(int argc, char** argv) {
    try {
        return cachefiles::slow_source::run(cachefiles::slow_source::parse(argc, argv));
    } catch (const std::exception& error) {
        fmt::print(stderr, "slow_source: {}\n", error.what());
        return 1;
    }
}
