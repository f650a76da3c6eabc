// SPDX-License-Identifier: GPL-2.0-or-later
// Does everything to one file that can be done to a file, at random by a seed, and compares it with
// what it has to be. Runs on any file system. 0: all is right; 1: it is not, and where; 2: an
// error.
#include "base/units.hpp"
#include "tests/mount/exerciser/exercise.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace cachefiles::exerciser {
namespace {

struct Options {
    Exercise::Options exercise;
    std::uint64_t operations = 10'000;
    bool self_test = false;
};

Options parse(int argc, char** argv) {
    Options options;
    std::string largest = "1MiB";
    std::string longest = "128KiB";
    std::uint64_t rest = 0;
    std::vector<std::string> without;
    CLI::App app("Does everything to PATH, a file that it makes anew");
    app.add_option("path", options.exercise.path)->required();
    app.add_option("--seed", options.exercise.seed);
    app.add_option("--operations", options.operations);
    app.add_option("--largest", largest, "size of the file");
    app.add_option("--longest", longest, "length of an operation");
    app.add_option("--without", without,
                   fmt::format("kinds of operations: {}", fmt::join(Exercise::kinds(), " ")))
        ->delimiter(',')
        ->check(CLI::IsMember(Exercise::kinds()));
    app.add_option("--rest", rest, "milliseconds in which now and then nothing happens");
    app.add_option("--twin", options.exercise.twin,
                   "the same file below the file system; compared after each fsync and close");
    app.add_flag("--self-test", options.self_test,
                 "changes a byte behind its own back: 0 if that was found, 1 if not");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error));
    }
    options.exercise.largest = parse_bytes(largest).value();
    options.exercise.longest = parse_bytes(longest).value();
    options.exercise.rest = std::chrono::milliseconds(rest);
    options.exercise.without.insert(without.begin(), without.end());
    return options;
}

int run(const Options& options) {
    Exercise exercise(options.exercise);
    for (std::uint64_t done = 0; done < options.operations; ++done)
        exercise.step();
    exercise.finish();
    fmt::print("seed {}: {}\n", options.exercise.seed, exercise.summary());
    return 0;
}

int test_self(const Options& options) {
    Exercise exercise(options.exercise);
    for (std::uint64_t done = 0; done < options.operations; ++done)
        exercise.step();
    exercise.corrupt();
    try {
        for (std::uint64_t done = 0; done < options.operations; ++done)
            exercise.look();
    } catch (const Mismatch& mismatch) {
        fmt::print("found: {}\n", mismatch.what());
        return 0;
    }
    fmt::print(stderr, "exerciser: the byte that was changed has not been found\n");
    return 1;
}

} // namespace
} // namespace cachefiles::exerciser

int main(int argc, char** argv) {
    using namespace cachefiles::exerciser;
    try {
        const Options options = parse(argc, argv);
        return options.self_test ? test_self(options) : run(options);
    } catch (const Mismatch& mismatch) {
        fmt::print(stderr, "exerciser: {}\n", mismatch.what());
        return 1;
    } catch (const std::exception& error) {
        fmt::print(stderr, "exerciser: {}\n", error.what());
        return 2;
    }
}
