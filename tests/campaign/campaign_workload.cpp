// SPDX-License-Identifier: GPL-2.0-or-later
// A network file system with many files, some threads, and no mercy: fills, modifies, resizes,
// invalidates and drops what is cached, by seed, and compares every byte that it reads with the
// source. Goes on when the daemon dies. SIGTERM ends it. Exits with 1 if anything was wrong.
#include "base/error.hpp"
#include "tests/campaign/connect.hpp"
#include "tests/campaign/history.hpp"
#include "tests/campaign/worker.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <memory>
#include <thread>

namespace cachefiles::campaign {
namespace {

std::atomic<bool> is_over{false};

void end(int /*signal*/) {
    is_over = true;
}

struct Options {
    std::string socket;
    std::filesystem::path journal;
    std::string marks; // a device, or empty
    SourceOptions source;
    std::uint64_t seed = 1; // of the operations
    unsigned threads = 4;
    std::uint64_t operations = std::numeric_limits<std::uint64_t>::max(); // of each thread
    bool abrupt = false;
};

Options parse(int argc, char** argv) {
    Options options;
    CLI::App app("campaign_workload");
    app.add_option("--socket", options.socket)->required();
    app.add_option("--journal", options.journal)->required();
    app.add_option("--marks", options.marks, "log-writes device that gets a mark for each line");
    app.add_option("--source-seed", options.source.seed);
    app.add_option("--files", options.source.files);
    app.add_option("--largest", options.source.largest, "size of a file, bytes");
    app.add_option("--seed", options.seed);
    app.add_option("--threads", options.threads);
    app.add_option("--operations", options.operations,
                   "of each thread, with a daemon; until SIGTERM otherwise");
    app.add_flag("--abrupt", options.abrupt, "end without giving anything back");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error));
    }
    return options;
}

void acquire_all(Workload& work, cachefiles_connection* connection,
                 const std::vector<Source>& sources, const History& history) {
    for (std::uint32_t number = 0; number < Source::volumes; ++number) {
        const std::string key = volume_key(number);
        cachefiles_volume* volume = nullptr;
        const int error =
            cachefiles_acquire_volume(connection, key.data(), key.size(), nullptr, "c", 1, &volume);
        if (error < 0)
            throw SystemError("acquire " + key, -error);
        work.volumes.push_back(volume);
    }
    for (const Source& source : sources) {
        CachedFile& file = work.files.emplace_back(source);
        file.version = file.coming = history.files[source.number()].version;
        if (history.files[source.number()].modifying)
            work.journal.modified(source.number());
        acquire(work, file);
    }
}

void run_thread(Workload& work, cachefiles_connection* connection, const Options& options,
                unsigned number) {
    Worker worker(work, options.seed * 1000 + number);
    for (std::uint64_t done = 0; done < options.operations && !is_over;) {
        // Without a daemon there is nothing to hurry for, and what is done does not count.
        if (cachefiles_online(connection) == 0)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        else
            ++done;
        worker.step();
    }
}

int run(const Options& options) {
    const std::vector<Source> sources = make_sources(options.source);
    const History history =
        History::read(options.journal, sources, std::numeric_limits<std::uint64_t>::max());
    Journal journal(options.journal,
                    options.marks.empty() ? nullptr : std::make_unique<LogMark>(options.marks));
    cachefiles_connection* connection = connect_to(options.socket);
    Workload work{.files = {}, .volumes = {}, .journal = journal, .judge = {}};
    acquire_all(work, connection, sources, history);
    fmt::print("running\n");
    std::fflush(stdout);
    {
        std::vector<std::jthread> threads;
        threads.reserve(options.threads);
        for (unsigned number = 0; number < options.threads; ++number)
            threads.emplace_back([&, number] { run_thread(work, connection, options, number); });
    }
    fmt::print("workload: {} bytes read, {} wrong\n", work.judge.bytes(), work.judge.wrong_count());
    std::fflush(stdout);
    const int result = work.judge.wrong_count() == 0 ? 0 : 1;
    if (options.abrupt)
        ::_exit(result);
    cachefiles_close(connection);
    return result;
}

} // namespace
} // namespace cachefiles::campaign

int main(int argc, char** argv) {
    ::signal(SIGTERM, cachefiles::campaign::end);
    try {
        return cachefiles::campaign::run(cachefiles::campaign::parse(argc, argv));
    } catch (const std::exception& error) {
        fmt::print(stderr, "campaign_workload: {}\n", error.what());
        return 2;
    }
}
