// SPDX-License-Identifier: GPL-2.0-or-later
// What a cache claims after a crash, against the source. `direct` reads the index and the files as
// they lie on the disk, `online` asks a daemon. Prints a line of figures; exits with 1 if anything
// was wrong.
#include "base/error.hpp"
#include "tests/campaign/connect.hpp"
#include "tests/campaign/direct_check.hpp"
#include "tests/campaign/history.hpp"
#include "tests/campaign/online_check.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <string>

namespace cachefiles::campaign {
namespace {

struct Options {
    std::filesystem::path journal;
    std::uint64_t until = std::numeric_limits<std::uint64_t>::max(); // lines of it
    SourceOptions source;
    // online
    std::string socket;
    std::uint64_t seed = 1;
    std::filesystem::path next_journal;
    // direct
    std::filesystem::path cache;
    std::filesystem::path database;
};

Tally check_online(const Options& options, const std::vector<Source>& sources) {
    const History history = History::read(options.journal, sources, options.until);
    cachefiles_connection* connection = connect_to(options.socket);
    OnlineCheck check(sources, history, options.seed);
    const Tally tally = check.run(connection);
    cachefiles_close(connection);
    if (!options.next_journal.empty()) {
        Journal journal(options.next_journal, nullptr);
        check.note_found(journal);
    }
    return tally;
}

int run(int argc, char** argv) {
    Options options;
    CLI::App app("campaign_check");
    app.require_subcommand(1);
    app.add_option("--source-seed", options.source.seed);
    app.add_option("--files", options.source.files);
    app.add_option("--largest", options.source.largest, "size of a file, bytes");
    CLI::App* online = app.add_subcommand("online");
    online->add_option("--journal", options.journal)->required();
    online->add_option("--until", options.until, "lines of the journal that count");
    online->add_option("--socket", options.socket)->required();
    online->add_option("--seed", options.seed);
    online->add_option("--next-journal", options.next_journal, "what a workload goes on from");
    CLI::App* direct = app.add_subcommand("direct");
    direct->add_option("--cache", options.cache, "the cache's directory")->required();
    direct->add_option("--database", options.database)->required();
    CLI11_PARSE(app, argc, argv);

    const std::vector<Source> sources = make_sources(options.source);
    const Tally tally = online->parsed() ? check_online(options, sources)
                                         : check_directly(options.cache, options.database, sources);
    fmt::print("{}\n", tally.text());
    return tally.wrong == 0 ? 0 : 1;
}

} // namespace
} // namespace cachefiles::campaign

int main(int argc, char** argv) {
    try {
        return cachefiles::campaign::run(argc, argv);
    } catch (const std::exception& error) {
        fmt::print(stderr, "campaign_check: {}\n", error.what());
        return 2;
    }
}
