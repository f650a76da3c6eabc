// SPDX-License-Identifier: GPL-2.0-or-later
/// conformance_runner --target kernel|user --root DIRECTORY --out DIRECTORY CASES...: plays the
/// files of cases, and writes a transcript NAME.txt for each NAME.case.
#include "tests/conformance/runner/case_file.hpp"
#include "tests/conformance/runner/kernel_target.hpp"
#include "tests/conformance/runner/player.hpp"
#include "tests/conformance/runner/user_target.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <sys/stat.h>

#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace cachefiles::conformance;

struct Arguments {
    std::string target;
    std::filesystem::path root;
    std::filesystem::path out;
    std::string only;
    bool keep = false;
    std::vector<std::filesystem::path> cases;
};

std::unique_ptr<Target> make_target(const std::string& name) {
    if (name == "kernel")
        return std::make_unique<KernelTarget>();
    return std::make_unique<UserTarget>();
}

int run(const Arguments& arguments) {
    ::umask(022);
    const std::unique_ptr<Target> target = make_target(arguments.target);
    std::filesystem::create_directories(arguments.out);
    for (const std::filesystem::path& path : arguments.cases) {
        const std::vector<Case> cases = read_cases(path);
        std::ofstream transcript(arguments.out / path.stem().concat(".txt"));
        for (const Case& which : cases) {
            if (!arguments.only.empty() && which.name != arguments.only)
                continue;
            std::cerr << path.stem().string() << ": " << which.name << std::endl;
            Player player(*target, arguments.root / "case", transcript, arguments.keep);
            player.play(which);
            transcript << std::flush;
        }
    }
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app("Plays conformance cases on the driver or on the user backend.");
    Arguments arguments;
    app.add_option("--target", arguments.target)
        ->required()
        ->check(CLI::IsMember({"kernel", "user"}));
    app.add_option("--root", arguments.root, "where caches are made")->required();
    app.add_option("--out", arguments.out, "where transcripts are written")->required();
    app.add_option("--only", arguments.only, "the name of one case");
    app.add_flag("--keep", arguments.keep, "neither begin with an empty directory nor remove it");
    app.add_option("cases", arguments.cases)->required();
    CLI11_PARSE(app, argc, argv);
    try {
        return run(arguments);
    } catch (const std::exception& error) {
        std::cerr << "conformance_runner: " << error.what() << "\n";
        return 1;
    }
}
